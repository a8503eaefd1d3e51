using System.Collections.Concurrent;

namespace AgentMcp.Agents.Models;

/// <summary>What the server was told about models. Keys are given in, never read here.</summary>
/// <param name="Model">The server's own model, as <c>--model</c> takes it; null for <c>sampling</c>.</param>
/// <param name="BaseUrl">Where the server's own model is reached, when not at its provider.</param>
/// <param name="ApiKey">The key of the server's own model (AGENTMCP_API_KEY).</param>
/// <param name="AnthropicKey">ANTHROPIC_API_KEY.</param>
/// <param name="OpenAIKey">OPENAI_API_KEY.</param>
/// <param name="Prices">The user's own, over those that come with the program.</param>
/// <param name="Rates">How often a provider may be asked, by its name.</param>
/// <param name="AzureKey">AZURE_OPENAI_API_KEY.</param>
/// <param name="AzureUrl">AZURE_OPENAI_ENDPOINT.</param>
/// <param name="AzureVersion">The version of Azure's API.</param>
public sealed record ModelAccess(
    string? Model = null, string? BaseUrl = null, string? ApiKey = null, string? AnthropicKey = null, string? OpenAIKey = null,
    StructuredOutput? StructuredOutput = null, int? MaxOutputTokens = null, TimeSpan? Timeout = null, Prices? Prices = null,
    IReadOnlyDictionary<string, RateLimit>? Rates = null, string? AzureKey = null, string? AzureUrl = null, string? AzureVersion = null)
{
    // What a record prints by itself would hold the keys.
    public override string ToString() => Model ?? CallerModel.Sampling;
}

/// <summary>From the name of a model to the model. The same name gives the same instance. Thread-safe.</summary>
/// <param name="notice">Told when a turn has to wait for a rate limit.</param>
public sealed class ModelChoice(ModelAccess access, TimeProvider clock, Action<string>? notice = null)
{
    public const string Possible = "sampling (the client's model; caller where it offers none), caller, rules, anthropic:NAME, openai:NAME (openai also speaks to Ollama, vLLM and LM Studio, with a base URL), azure:DEPLOYMENT";

    private readonly ConcurrentDictionary<string, IModel> _models = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, RateGate> _gates = new(StringComparer.Ordinal);

    /// <summary>Whether a text names a model at all, whatever is needed to reach it.</summary>
    public static bool IsModel(string spec) => spec is CallerModel.Caller or CallerModel.Sampling or "rules" || Parse(spec.Trim()) is not null;

    /// <param name="spec">The model an agent asks for; null or empty for the server's own.</param>
    /// <exception cref="ModelException">There is no such model, or it needs a key and there is none.</exception>
    public IModel For(string? spec) =>
        _models.GetOrAdd(Spec(spec), Make);

    /// <summary>Whether the agent's model is the client's own.</summary>
    public bool Samples(string? spec) => Spec(spec) == CallerModel.Sampling;

    /// <summary>Whether each step is asked of whoever calls the agent, or of that one's own model.</summary>
    public bool IsCaller(string? spec) => Spec(spec) is CallerModel.Caller or CallerModel.Sampling;

    private string Spec(string? spec) => Text(spec) ?? Text(access.Model) ?? CallerModel.Sampling;

    private IModel Make(string spec) => spec switch
    {
        CallerModel.Caller or CallerModel.Sampling => new CallerModel(spec),
        "rules" => new RulesModel(),
        _ => Chat(spec),
    };

    private ChatModel Chat(string spec)
    {
        var settings = Settings(spec);
        return new(settings.Name, () => Providers.Connect(settings, clock), settings.Output, settings.MaxOutputTokens, PriceOf(settings.Name), GateOf(settings.ProviderName));
    }

    // All models of a provider share what it lets through.
    private RateGate? GateOf(string provider) =>
        access.Rates?.TryGetValue(provider, out var limit) is true ? _gates.GetOrAdd(provider, _ => new(provider, limit!, clock, notice)) : null;

    private Price? PriceOf(string name) => access.Prices?.Of(name) ?? Prices.Shipped.Of(name);

    /// <summary>
    /// The server's own key and address belong to its own model's provider. An agent that asks for another provider gets
    /// that one's key and address; and a provider's key is shown to nobody but that provider.
    /// </summary>
    private ModelSettings Settings(string spec)
    {
        var (provider, model) = Parse(spec) ?? throw new ModelException($"There is no model '{spec}'. Possible: {Possible}.", mayPass: false);
        var own = Parse(access.Model?.Trim() ?? "") is not { } mine || mine.Provider == provider;
        var given = own ? Address(access.BaseUrl) : null;
        var (variable, providerKey, providerUrl) = provider switch
        {
            Provider.Anthropic => ("ANTHROPIC_API_KEY", access.AnthropicKey, null),
            Provider.Azure => ("AZURE_OPENAI_API_KEY", access.AzureKey, Address(access.AzureUrl)),
            _ => ("OPENAI_API_KEY", access.OpenAIKey, null),
        };
        var url = given ?? providerUrl;
        if (provider == Provider.Azure && url is null)
        {
            throw new ModelException($"The model '{spec}' needs the address of its resource: set {(own ? "AGENTMCP_BASE_URL or " : "")}AZURE_OPENAI_ENDPOINT, such as https://my-resource.openai.azure.com.", mayPass: false);
        }

        var key = (own ? Text(access.ApiKey) : null) ?? (given is null ? Text(providerKey) : null);
        return key is null && given is null
            ? throw new ModelException($"The model '{spec}' needs an API key: set {(own ? "AGENTMCP_API_KEY or " : "")}{variable}, or choose another --model: {Possible}.", mayPass: false)
            : new ModelSettings(provider, model, url, key, access.StructuredOutput, access.MaxOutputTokens, access.Timeout, access.AzureVersion);
    }

    private static Uri? Address(string? url) => Text(url) is not { } text ? null
        : Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" ? address
        : throw new ModelException($"The base URL of the model, '{text}', is not an absolute http or https address, such as http://localhost:11434/v1.", mayPass: false);

    /// <summary>A variable that is set to nothing counts as not set.</summary>
    private static string? Text(string? value) => string.IsNullOrWhiteSpace(value) ? null : value.Trim();

    private static (Provider Provider, string Model)? Parse(string spec) => spec.Split(':', 2) switch
    {
        ["anthropic", { Length: > 0 } model] => (Provider.Anthropic, model),
        ["openai", { Length: > 0 } model] => (Provider.OpenAI, model),
        ["azure", { Length: > 0 } deployment] => (Provider.Azure, deployment),
        _ => null,
    };
}
