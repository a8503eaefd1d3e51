using System.Collections.Concurrent;

namespace AgentMcp.Agents.Models;

/// <summary>What the server was told about models. Keys are given in, never read here.</summary>
/// <param name="Model">The server's own model, as <c>--model</c> takes it; null for <c>caller</c>.</param>
/// <param name="BaseUrl">Where the server's own model is reached, when not at its provider.</param>
/// <param name="ApiKey">The key of the server's own model (AGENTMCP_API_KEY).</param>
/// <param name="AnthropicKey">ANTHROPIC_API_KEY.</param>
/// <param name="OpenAIKey">OPENAI_API_KEY.</param>
/// <param name="Prices">The user's own, over those that come with the program.</param>
public sealed record ModelAccess(
    string? Model = null, string? BaseUrl = null, string? ApiKey = null, string? AnthropicKey = null, string? OpenAIKey = null,
    StructuredOutput? StructuredOutput = null, int? MaxOutputTokens = null, TimeSpan? Timeout = null, Prices? Prices = null)
{
    // What a record prints by itself would hold the keys.
    public override string ToString() => Model ?? "caller";
}

/// <summary>From the name of a model to the model. The same name gives the same instance. Thread-safe.</summary>
public sealed class ModelChoice(ModelAccess access, TimeProvider clock)
{
    public const string Possible = "caller, rules, anthropic:NAME, openai:NAME (openai also speaks to Ollama, vLLM and LM Studio, with a base URL)";

    private readonly ConcurrentDictionary<string, IModel> _models = new(StringComparer.Ordinal);

    /// <summary>Whether a text names a model at all, whatever is needed to reach it.</summary>
    public static bool IsModel(string spec) => spec is "caller" or "rules" || Parse(spec) is not null;

    /// <param name="spec">The model an agent asks for; null or empty for the server's own.</param>
    /// <exception cref="ModelException">There is no such model, or it needs a key and there is none.</exception>
    public IModel For(string? spec) =>
        _models.GetOrAdd(Text(spec) ?? Text(access.Model) ?? "caller", Make);

    private IModel Make(string spec) => spec switch
    {
        "caller" => new CallerModel(),
        "rules" => new RulesModel(),
        _ => Chat(spec),
    };

    private ChatModel Chat(string spec)
    {
        var settings = Settings(spec);
        return new(settings.Name, () => Providers.Connect(settings, clock), settings.Output, settings.MaxOutputTokens, PriceOf(settings.Name));
    }

    private Price? PriceOf(string name) => access.Prices?.Of(name) ?? Prices.Shipped.Of(name);

    /// <summary>
    /// The server's own key and address belong to its own model's provider. An agent that asks for another provider gets
    /// that one's key and address; and a provider's key is shown to nobody but that provider.
    /// </summary>
    private ModelSettings Settings(string spec)
    {
        var (provider, model) = Parse(spec) ?? throw new ModelException($"There is no model '{spec}'. Possible: {Possible}.", mayPass: false);
        var own = Parse(access.Model?.Trim() ?? "") is not { } mine || mine.Provider == provider;
        var url = own ? Address(access.BaseUrl) : null;
        var (variable, providerKey) = provider == Provider.Anthropic ? ("ANTHROPIC_API_KEY", access.AnthropicKey) : ("OPENAI_API_KEY", access.OpenAIKey);
        var key = (own ? Text(access.ApiKey) : null) ?? (url is null ? Text(providerKey) : null);
        return key is null && url is null
            ? throw new ModelException($"The model '{spec}' needs an API key: set {(own ? "AGENTMCP_API_KEY or " : "")}{variable}, or choose another --model: {Possible}.", mayPass: false)
            : new ModelSettings(provider, model, url, key, access.StructuredOutput, access.MaxOutputTokens, access.Timeout);
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
        _ => null,
    };
}
