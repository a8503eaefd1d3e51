using AgentMcp.Agents.Models;
using Xunit;

namespace AgentMcp.Agents.Tests.Models;

public sealed class ModelChoiceTests
{
    private const string Possible = "sampling (the client's model; caller where it offers none), caller, rules, anthropic:NAME, openai:NAME (openai also speaks to Ollama, vLLM and LM Studio, with a base URL), azure:DEPLOYMENT";

    [Theory]
    [InlineData(null, null, "sampling")]
    [InlineData("", " ", "sampling")]
    [InlineData(null, "rules", "rules")]
    [InlineData("rules", null, "rules")]
    [InlineData("rules", "caller", "caller")]
    [InlineData("rules", "anthropic:claude-test", "anthropic:claude-test")]
    [InlineData(" openai:a/b:c ", null, "openai:a/b:c")]
    public void The_model_is_what_the_agent_asks_for_or_the_servers_or_the_clients_own(string? server, string? agent, string name) =>
        Assert.Equal(name, Choice(new(server, ApiKey: "k")).For(agent).Name);

    [Fact]
    public void The_same_name_gives_the_same_model()
    {
        var choice = Choice(new(ApiKey: "k"));

        Assert.Same(choice.For("openai:gpt-test"), choice.For("openai:gpt-test"));
    }

    [Theory]
    [InlineData("gpt-test")]
    [InlineData("openai:")]
    [InlineData("gemini:pro")]
    public void An_unknown_model_is_refused_with_what_is_possible(string spec) =>
        Refused($"There is no model '{spec}'. Possible: {Possible}.", new(ApiKey: "k"), spec);

    [Fact]
    public void A_provider_without_a_key_is_refused_with_the_variable_to_set()
    {
        Refused($"The model 'openai:gpt-test' needs an API key: set AGENTMCP_API_KEY or OPENAI_API_KEY, or choose another --model: {Possible}.",
            new(ApiKey: "", AnthropicKey: "k"), "openai:gpt-test");
        Refused($"The model 'anthropic:claude-test' needs an API key: set ANTHROPIC_API_KEY, or choose another --model: {Possible}.",
            new("openai:gpt-test", ApiKey: "k"), "anthropic:claude-test");
    }

    [Fact]
    public void Azure_wants_the_address_of_the_resource_and_the_key_of_it()
    {
        Refused("The model 'azure:gpt' needs the address of its resource: set AGENTMCP_BASE_URL or AZURE_OPENAI_ENDPOINT, such as https://my-resource.openai.azure.com.",
            new(ApiKey: "k"), "azure:gpt");
        Refused($"The model 'azure:gpt' needs an API key: set AGENTMCP_API_KEY or AZURE_OPENAI_API_KEY, or choose another --model: {Possible}.",
            new(AzureUrl: "https://my.openai.azure.com"), "azure:gpt");
    }

    [Fact]
    public void A_base_URL_that_is_none_is_refused() =>
        Refused("The base URL of the model, 'localhost:11434', is not an absolute http or https address, such as http://localhost:11434/v1.",
            new(BaseUrl: "localhost:11434"), "openai:llama");

    [Fact]
    public async Task A_providers_key_is_not_shown_to_another_address()
    {
        await using var gateway = new ProviderServer(new Answer.Http(400, "{}"));

        await new ModelChoice(new("openai:gpt-test", gateway.Url, OpenAIKey: Turns.Key), TimeProvider.System).For(null).Fail();

        Assert.Equal("Bearer none", Assert.Single(gateway.Requests).Headers["authorization"]);
    }

    [Fact]
    public void Settings_print_without_keys() =>
        Assert.Equal("openai:a openai:a", $"{new ModelAccess("openai:a", ApiKey: "k")} {new ModelSettings(Provider.OpenAI, "a", ApiKey: "k")}");

    private static ModelChoice Choice(ModelAccess access) => new(access, TimeProvider.System);

    private static void Refused(string message, ModelAccess access, string spec)
    {
        var refused = Assert.Throws<ModelException>(() => Choice(access).For(spec));
        Assert.Equal((message, false), (refused.Message, refused.MayPass));
    }
}
