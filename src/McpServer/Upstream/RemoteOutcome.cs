using System.Globalization;
using System.Text.Json.Nodes;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Upstream;

/// <summary>Where a remote thread stands, as what comes of our call: its end is ours, what it asks is passed on, its work is waited for. Pure.</summary>
internal static class RemoteOutcome
{
    /// <param name="refusal">Why the last answer did not count there.</param>
    /// <exception cref="ToolException">It failed, was cancelled, or was never started.</exception>
    public static ToolOutcome Of(ServerTool agent, RemoteThread shown, string? refusal = null) => shown switch
    {
        { IsFull: true, Refusal: { } full } => throw new TurnedAwayException(full),
        { RefusalOfTheMoment: { } moment } => throw new NotNowException(moment),
        { Refusal: { } why } => throw new ToolException(why),
        { LongOutput: not null } => Waits(agent, shown),
        { Status: "completed" } => new ToolOutcome.Returned(Json(shown.Output)),
        { Status: "failed" } => throw new ToolException(shown.Error ?? "it failed"),
        { Status: "cancelled" } => throw new ToolException("it was cancelled"),
        { Request: { } request } => PassedOn(shown, request, refusal),
        _ => Waits(agent, shown),
    };

    private static ToolOutcome.Asked Waits(ServerTool agent, RemoteThread shown) =>
        new(RequestKind.Child, $"Waits for {agent.Name}.", new(new RemoteState(shown.Thread).Json, shown.Thread));

    private static ToolOutcome.Asked PassedOn(RemoteThread shown, JsonObject request, string? refusal)
    {
        var id = Text(request, "id")!;
        var human = Text(request, "answerable_by") == "human";
        var context = refusal is null ? Text(request, "context") : $"The last answer did not count: {refusal}\n\n{Text(request, "context")}".TrimEnd();
        return new(Kind(Text(request, "kind")), Text(request, "question") ?? "", new(new RemoteState(shown.Thread, id).Json,
                string.Join(' ', (request["path"] as JsonArray ?? [shown.Thread]).Select(thread => thread!.ToString())), Text(request, "inbox_url"),
                // We are no person there, and do not pass for one.
                OnlyThere: human || request["responders"] is JsonArray),
            context, request["schema"] is JsonObject schema ? Json(schema) : null, Options(request["options"]), Action(request["action"]),
            request["action"]?["changes_schema"] is { } changes ? Json(changes) : null, human ? AnswerableBy.Human : AnswerableBy.Caller,
            Text(request, "expires_at") is { } due && DateTimeOffset.TryParse(due, CultureInfo.InvariantCulture, DateTimeStyles.None, out var at) ? at : null);
    }

    private static RequestKind Kind(string? name) => name switch
    {
        "approval" => RequestKind.Approval,
        "external_result" => RequestKind.ExternalResult,
        "budget" => RequestKind.Budget,
        "next_step" => RequestKind.NextStep,
        "in_doubt" => RequestKind.InDoubt,
        // A kind of a later version is at least something to answer.
        _ => RequestKind.Question,
    };

    private static List<ResponseOption>? Options(JsonNode? options) => options is not JsonArray list ? null :
        [.. list.OfType<JsonObject>().Select(option => new ResponseOption(Text(option, "name")!, Text(option, "title"), Text(option, "description")))];

    private static BoundAction? Action(JsonNode? action) => action is not JsonObject bound ? null
        : new(Text(bound, "tool")!, Json(bound["arguments"]), Text(bound, "digest")!);

    private static string? Text(JsonObject from, string name) => (from[name] as JsonValue)?.ToString();

    private static JsonText Json(JsonNode? node) => node is null ? JsonText.Null : JsonText.Parse(node.ToJsonString());
}
