using System.Text.Json;
using System.Text.Json.Serialization;

namespace AgentMcp.Server.Cli.Demo;

/// <summary>A thread as a client sees it, read from a tool's structured content.</summary>
internal sealed record WireThread(string Status, string ThreadId, string Agent, int Version, JsonElement Output, string? Error,
    IReadOnlyList<WireRequest> Requests, IReadOnlyList<WireEvent>? Events)
{
    public string? Message => Text(Output, "message");

    /// <summary>Whether its whole log is here and tells nothing twice.</summary>
    public bool TellsEverythingOnce => Events is { } events && events.Count == Version
        && events.Count(one => one.Type == "thread_started") == 1
        && Once(one => one.Call, "tool_started") && Once(one => one.Call, "tool_returned") && Once(one => one.Request, "request_answered");

    public static WireThread Read(JsonElement content) => content.Deserialize(WireJson.Default.WireThread)!;

    public static string? Text(JsonElement json, string name) =>
        json.ValueKind == JsonValueKind.Object && json.TryGetProperty(name, out var value) ? value.GetString() : null;

    private bool Once(Func<WireEvent, int?> key, string type) => Events!.Where(one => one.Type == type).GroupBy(key).All(group => group.Count() == 1);
}

/// <param name="Path">From the thread that was called to the one that asks.</param>
internal sealed record WireRequest(string Id, string Kind, string Question, string? Context, WireAction? Action, string? InboxUrl = null,
    IReadOnlyList<WireOption>? Options = null, IReadOnlyList<string>? Path = null);

internal sealed record WireOption(string Name);

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
