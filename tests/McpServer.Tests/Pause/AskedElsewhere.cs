using System.Text.Json;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Pause;

/// <summary>A thread of puppet that asks with a schema of its own, as an agent in code would; its log is stored as another process would.</summary>
internal static class AskedElsewhere
{
    public static async Task<string> Question(RunningServer server, string database, string question, string schema, params string[] responders)
    {
        var sample = await server.Do("puppet", new { message = "go" });
        var events = (await server.Do("get_thread", new { thread_id = sample.ThreadId, include_events = true })).Json.GetProperty("events");
        var start = (ThreadStarted)ThreadJson.Read(events[0].GetRawText());
        using var file = Database.Open(database);
        using var owner = new Owner(file);
        using var store = new ThreadStore(file, owner);
        var thread = ThreadId.New(start.At);
        var asks = new RequestOpened(start.At, RequestKind.Question, question, Schema: JsonText.Parse(schema), Responders: responders is [] ? null : responders);
        await store.Copy(ThreadLog.Of(thread, [start, asks]), takeLease: false);
        return thread.Value;
    }

    public static JsonElement Answered(this Reply log) => log.Json.GetProperty("events").EnumerateArray().Last(happened => happened.GetProperty("type").GetString() == "request_answered");
}
