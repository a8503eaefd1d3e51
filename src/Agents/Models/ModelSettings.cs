namespace AgentMcp.Agents.Models;

/// <summary>How one model of a provider is reached.</summary>
/// <param name="Provider">The wire format it speaks.</param>
/// <param name="Model">The provider's name for it.</param>
/// <param name="BaseUrl">Another address than the provider's own: a local server or a gateway.</param>
/// <param name="StructuredOutput">Null for what every current model of the provider takes.</param>
/// <param name="ApiVersion">Of Azure's API.</param>
/// <param name="MaxOutputTokens">Tokens one reply may have; null for the provider's default, or 16384 where one must be given.</param>
public sealed record ModelSettings(
    Provider Provider, string Model, Uri? BaseUrl = null, string? ApiKey = null,
    StructuredOutput? StructuredOutput = null, int? MaxOutputTokens = null, TimeSpan? Timeout = null, string? ApiVersion = null)
{
    /// <summary>Tokens of one reply where nobody says how many and a number is needed. Thinking counts.</summary>
    public const int LongestReply = 16_384;

    /// <summary>The version of Azure's API that is asked for unless another one is set.</summary>
    public const string AzureVersion = "2024-10-21";

    public StructuredOutput Output => StructuredOutput ?? (Provider == Provider.Anthropic ? Models.StructuredOutput.OfferedTools : Models.StructuredOutput.Tools);

    /// <summary>How long one attempt may take, from the request to the last byte of the reply.</summary>
    public TimeSpan AttemptTimeout => Timeout ?? TimeSpan.FromMinutes(5);

    public string ProviderName => Provider.ToString().ToLowerInvariant();

    public string Name => $"{ProviderName}:{Model}";

    // What a record prints by itself would hold the key.
    public override string ToString() => Name;
}

public enum Provider
{
    Anthropic,

    /// <summary>OpenAI, and everything that speaks its chat completions: Ollama, vLLM, LM Studio, gateways.</summary>
    OpenAI,

    /// <summary>The same chat completions, of a deployment in an Azure OpenAI resource.</summary>
    Azure,
}

/// <summary>What makes a reply one step. What comes back otherwise is still read, as text.</summary>
public enum StructuredOutput
{
    /// <summary>One tool per intent, and the model must choose one.</summary>
    Tools,

    /// <summary>One tool per intent, and the model may answer in text: newer Claude models refuse a forced choice with a 400.</summary>
    OfferedTools,

    /// <summary>A JSON Schema of the whole reply.</summary>
    JsonSchema,
}
