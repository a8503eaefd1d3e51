using AgentMcp.Agents.Models;

namespace AgentMcp.Server.Hosting;

/// <summary>The settings about models.</summary>
internal sealed partial class Settings
{
    private static IEnumerable<(string Name, string? Default, string Meaning)> ModelRows =>
    [
        ("model", CallerModel.Sampling, $"The model: {ModelChoice.Possible}."),
        ("base_url", null, "Where the model is reached, when not at its provider."),
        ("api_key", null, "The key of the model."),
        ("structured", "auto", "How a step is asked of the model: auto, tools, offered_tools or json_schema."),
        ("model_timeout", "300", "Seconds one attempt of a model may take."),
        ("azure_api_version", ModelSettings.AzureVersion, "The version of Azure's API."),
        ("max_reply", null, "The most tokens of one reply; by default the provider's, or 16384 where one must be named."),
        ("prices", null, "A file with the prices of models, over the table that comes with the program."),
    ];

    private ModelAccess ReadModels() => new(Get("model"), Get("base_url"), Get("api_key"),
            Environment.GetEnvironmentVariable("ANTHROPIC_API_KEY"), Environment.GetEnvironmentVariable("OPENAI_API_KEY"),
            Choice<StructuredOutput?>("structured", ("auto", null), ("tools", StructuredOutput.Tools), ("offered_tools", StructuredOutput.OfferedTools), ("json_schema", StructuredOutput.JsonSchema)),
            Get("max_reply") is null ? null : (int)Number("max_reply", 1, 1_000_000), TimeSpan.FromSeconds(Number("model_timeout", 1, 3600)), OwnPrices(),
            RateSettings.Read(_given.GetSection("rate_limits")), Environment.GetEnvironmentVariable("AZURE_OPENAI_API_KEY"), Environment.GetEnvironmentVariable("AZURE_OPENAI_ENDPOINT"), Get("azure_api_version"));

    private Prices? OwnPrices()
    {
        try
        {
            return Get("prices") is { } file ? Prices.Read(file) : null;
        }
        catch (InvalidDataException e)
        {
            throw new SettingsException(e.Message, "prices");
        }
    }
}
