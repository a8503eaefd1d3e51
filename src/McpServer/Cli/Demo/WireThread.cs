using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMcp.Server.Cli.Demo;

/// <summary>A thread as a client sees it, read from a tool's structured content.</summary>
internal sealed record WireThread(string Status, string ThreadId, string Agent, int Version, JsonElement Output, string? Error,
    IReadOnlyList<WireRequest> Requests, IReadOnlyList<WireEvent>? Events)
{
    public string? Message => Text(Output, "message");

    public static WireThread Read(JsonElement content) => content.Deserialize(WireJson.Default.WireThread)!;

    public static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value.GetString() : null;
}

internal sealed record WireRequest(string Id, string Kind, string Question, string? Context, WireAction? Action, string? InboxUrl = null);

internal sealed record WireAction(string Tool, JsonElement Arguments)
{
    /// <summary>What a push deploys.</summary>
    public string? Sha => WireThread.Text(Arguments, "sha_to_deploy");

    /// <summary>What a promotion switches to.</summary>
    public string? Build => WireThread.Text(Arguments, "deployment_id");
}

/// <param name="Call">The call it belongs to, if it does.</param>
/// <param name="Request">The request it answers, if it does.</param>
internal sealed record WireEvent(string Type, int? Call, int? Request, bool? Approved = null, JsonElement? Response = null, string? Comment = null);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(WireThread))]
internal sealed partial class WireJson : JsonSerializerContext;
