using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Browser.Tests.Driving;

/// <summary>Threads written straight into the database of a running server: what no built-in agent would ask or say.</summary>
public static class Planted
{
    /// <summary>A thread that chose to ask, and waits for the answer to this request.</summary>
    /// <param name="key">Whoever starts the agent with this key and message is given the thread.</param>
    public static async Task<Asked> Request(string database, RequestOpened request, string agent = "calculator", string message = "please", ThreadId? parent = null, string? key = null)
    {
        var id = await Log(database, key,
        [
            new ThreadStarted(request.At, agent, "sha256:none", JsonText.Parse($$"""{"message":{{JsonText.Of(message)}}}"""), "local", "stdio", "message_received",
                parent, parent is null ? null : new CallId(2), parent),
            new StepChosen(request.At, request.Action?.Tool ?? "request_human_input", request.Action?.Arguments ?? JsonText.Parse("{}"), "rules", new Usage(1200, 85)),
            request,
        ]);
        return new(id, new RequestId(3).In(id));
    }

    public static async Task<ThreadId> Log(string database, string? key, params ThreadEvent[] events)
    {
        using var file = State.Sqlite.Database.Open(database);
        using var owner = new Owner(file);
        using var store = new ThreadStore(file, owner);
        var id = ThreadId.New(events[0].At);
        await store.Start(ThreadLog.Of(id, events), key, takeLease: false);
        return id;
    }

    public static Task<Asked> Question(string database, string question, string schema) =>
        Request(database, new(DateTimeOffset.UtcNow, RequestKind.Question, question, Schema: JsonText.Parse(schema)));
}

public sealed record Asked(ThreadId Thread, string Request);
