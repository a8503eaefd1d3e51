using System.Text.Json.Nodes;

namespace AgentMcp.Server.Upstream;

/// <summary>What a tool of another AgentMcp server answered: a thread as it stands, or a refusal.</summary>
internal sealed class RemoteThread(JsonObject result)
{
    private static readonly string[] Momentary = ["unavailable", "thread_busy", "busy"];

    private readonly JsonObject? _json = result["structuredContent"] as JsonObject;

    /// <summary>Why nothing was done: a code and a sentence. Null when a thread is shown.</summary>
    public string? Refusal => _json is null ? UpstreamResult.Words(result) : null;

    /// <summary>The same, where only the server cannot say now and the thread may be fine.</summary>
    public string? RefusalOfTheMoment => Refusal is { } why && Momentary.Any(code => why.StartsWith(code, StringComparison.Ordinal)) ? why : null;

    /// <summary>It runs as many threads as it may, and has started none.</summary>
    public bool IsFull => Refusal?.StartsWith("busy", StringComparison.Ordinal) == true;

    public string? Thread => Text("thread_id");

    public string? Status => Text("status");

    public string? Error => Text("error");

    public JsonNode? Output => _json?["output"];

    public bool HasEnded => Status is "completed" or "failed" or "cancelled";

    /// <summary>Where an output is that was too long for the result.</summary>
    public string? LongOutput => Status == "completed" && Output is JsonObject output && output.ContainsKey("characters") && output["resource"]?.ToString() is { } uri
        && uri.StartsWith("thread://", StringComparison.Ordinal) ? uri : null;

    /// <summary>The first request that somebody can answer, or that only time settles is left out.</summary>
    public JsonObject? Request => Requests.FirstOrDefault(request => request["kind"]?.ToString() is not ("child" or "sleep" or null));

    public bool Asks(string request) => Requests.Any(open => open["id"]?.ToString() == request);

    private IEnumerable<JsonObject> Requests => (_json?["requests"] as JsonArray ?? []).OfType<JsonObject>();

    private string? Text(string name) => (_json?[name] as JsonValue)?.ToString();
}
