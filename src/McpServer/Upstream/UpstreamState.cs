using System.Text.Json.Nodes;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Upstream;

/// <summary>Where a call of another server's tool stands, as it is kept in our log between its runs.</summary>
internal sealed record UpstreamState
{
    /// <summary>The call is held open in the process that made it.</summary>
    public bool Held { get; init; }

    /// <summary>The process that holds it, and how long.</summary>
    public string? Holder { get; init; }

    public DateTimeOffset? Until { get; init; }

    public string? Task { get; init; }

    public string? RequestState { get; init; }

    /// <summary>What is asked now, by the key under which the server wants the answer.</summary>
    public string? Asked { get; init; }

    /// <summary>What is to be asked after it, with the forms.</summary>
    public IReadOnlyList<(string Key, JsonNode Form)> Left { get; init; } = [];

    /// <summary>What was answered so far.</summary>
    public JsonObject Responses { get; init; } = [];

    public JsonText Json
    {
        get
        {
            var json = new JsonObject
            {
                ["held"] = Held,
                ["task"] = Task,
                ["state"] = RequestState,
                ["asked"] = Asked,
                ["left"] = new JsonObject(Left.Select(one => KeyValuePair.Create(one.Key, (JsonNode?)one.Form.DeepClone()))),
                ["responses"] = Responses.DeepClone(),
            };
            if (Held)
            {
                (json["holder"], json["until"]) = (Holder, Until);
            }

            return JsonText.Parse(json.ToJsonString());
        }
    }

    public static UpstreamState Of(Relayed? relayed)
    {
        if (relayed is null)
        {
            return new();
        }

        var json = (JsonObject)JsonNode.Parse(relayed.Continuation.Text)!;
        return new()
        {
            Held = json["held"]!.GetValue<bool>(),
            Holder = json["holder"]?.ToString(),
            Until = json["until"]?.GetValue<DateTimeOffset>(),
            Task = json["task"]?.ToString(),
            RequestState = json["state"]?.ToString(),
            Asked = json["asked"]?.ToString(),
            Left = [.. ((JsonObject)json["left"]!).Select(one => (one.Key, one.Value!))],
            Responses = (JsonObject)json["responses"]!.DeepClone(),
        };
    }

    /// <summary>What a server asks before it goes on.</summary>
    /// <exception cref="ToolException">It asks for something no person can give here.</exception>
    public static UpstreamState Of(JsonObject inputRequired)
    {
        var requests = inputRequired["inputRequests"] as JsonObject ?? [];
        if (requests.FirstOrDefault(request => request.Value?["method"]?.ToString() != "elicitation/create") is { Key: { } key, Value: var other })
        {
            throw new ToolException($"it asks for {other?["method"]} ({key}), which is not offered to it");
        }

        return new()
        {
            RequestState = inputRequired["requestState"]?.ToString(),
            Left = [.. requests.Select(request => (request.Key, request.Value!["params"]!))],
        };
    }

    /// <summary>The answer to what was asked, kept with those before it.</summary>
    public UpstreamState With(Relayed relayed)
    {
        var responses = (JsonObject)Responses.DeepClone();
        responses[Asked!] = Response(relayed);
        return this with { Asked = null, Responses = responses };
    }

    /// <summary>A task that cannot be gone on with for the moment, with an answer that it has not got yet.</summary>
    public static UpstreamState Kept(string task, string? asked, JsonObject? response) =>
        asked is null || response is null ? new() { Task = task } : new() { Task = task, Asked = asked, Responses = new() { [asked] = response.DeepClone() } };

    /// <summary>What was said to what is asked, now or before; null while nothing was.</summary>
    public JsonObject? Said(Relayed relayed) => Asked is not { } asked ? null
        : relayed.Answer is not null || relayed.Expired ? Response(relayed) : Responses[asked] as JsonObject;

    /// <summary>Asks the next question; a server that only wants to be called again is.</summary>
    public ToolOutcome.Asked Ask() => Left.Count > 0
        ? Question(Left[0].Form, this with { Asked = Left[0].Key, Left = [.. Left.Skip(1)] })
        : RequestState is not null ? new(RequestKind.Child, "The server asks to be called again in a moment.", new(Json))
        : throw new ToolException("it asks for something and does not say what");

    public static ToolOutcome.Asked OfHeld(JsonNode form, DateTimeOffset until, string? holder) =>
        Question(form, new() { Held = true, Holder = holder, Until = until, Asked = "" }) with { DueAt = until };

    /// <summary>What a person said, as the server wants it: <c>accept</c> with the content, <c>decline</c>, or <c>cancel</c> when nobody answered.</summary>
    public static JsonObject Response(Relayed relayed) => relayed switch
    {
        { Answer: { Approved: false } } => new() { ["action"] = "decline" },
        { Answer: { } answer } => new() { ["action"] = "accept", ["content"] = JsonNode.Parse((answer.Response ?? JsonText.Null).Text) },
        _ => new() { ["action"] = "cancel" },
    };

    private static ToolOutcome.Asked Question(JsonNode form, UpstreamState at)
    {
        var schema = form["requestedSchema"] is JsonObject asked ? ForeignSchema.Of(JsonText.Parse(asked.ToJsonString())).Schema : null;
        return new(RequestKind.Question, form["message"]?.ToString() ?? "The server asks for more.", new(at.Json),
            "Asked by the server in the middle of the call. To decline, answer with approved false.", schema ?? JsonText.Parse("""{"type":"object"}"""));
    }
}
