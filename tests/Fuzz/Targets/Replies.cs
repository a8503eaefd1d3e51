using System.Collections.Concurrent;
using System.Diagnostics;
using AgentMcp.Agents;
using AgentMcp.Agents.Microagents.Calculator;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tools;
using AgentMcp.Fuzz.Inputs;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using CsCheck;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMcp.Fuzz.Targets;

/// <summary>A model that says anything. The run is the real one, on a file database; what it comes to is read again as a prompt.</summary>
internal sealed class Replies : IDisposable
{
    private static readonly Responder Caller = new("local", "fuzz");
    private static readonly string[] Samples =
    [
        """{"intent":"add","a":1,"b":2}""", """{"intent":"divide","a":1,"b":0}""", """{"intent":"done_for_now","message":"done"}""",
        "Sure! ```json\n{\"intent\":\"add\",\"a\":1,\"b\":2,}\n``` and so on", """{"intent":"request_human_input","question":"which?","context":"x","options":["a","b"]}""",
        """{"intent":"request_human_input","question":"which?","format":"multiple_choice","urgency":"high"}""", """{"name":"add","arguments":{"a":1,"b":2}}""",
        """{"tool_calls":[{"function":{"name":"add","arguments":"{\"a\":1,\"b\":2}"}}]}""",
    ];

    private readonly Database _database;
    private readonly Owner _owner;
    private readonly ThreadStore _store;
    private readonly ThreadRunner _runner;
    private readonly AgentHost _host;
    private readonly Said _model = new();

    public Replies(string folder)
    {
        _database = Database.Open(Path.Combine(folder, "replies.db"));
        _owner = new(_database);
        _store = new(_database, _owner);
        var index = new ThreadIndex(_database);
        var agent = new Microagent("talker", "Talks.", Microagent.MessageSchema, Microagent.MessageSchema, "You talk.",
            [.. Calculator.Tools, StandardIntents.RequestHumanInput, StandardIntents.DoneForNow(Microagent.MessageSchema)], new Limits(Steps: 3));
        var catalog = new MicroagentCatalog([agent]);
        _runner = new(_store, index, new AgentLoop(_store, TimeProvider.System), catalog, _ => _model, TimeProvider.System, NullLogger<ThreadRunner>.Instance);
        _host = new(_store, index, _runner, catalog, TimeProvider.System);
    }

    public Target Target() => new("model replies", Mutation.OfJson(Samples).Select(reply => new Attempt(reply, async () =>
    {
        var key = Guid.NewGuid().ToString("N");
        _model.Next[key] = reply;
        var thread = await _host.Start("talker", JsonText.Parse("""{"message":"@0@"}""".With(key)), Caller);
        var log = await _host.Wait(thread, "local", TimeSpan.FromSeconds(30), CancellationToken.None);
        var prompt = PromptRenderer.Render(_host.AgentOf(log.Thread), log.Events);
        log.Events.OfType<StepRejected>().ToList().ForEach(rejected => Clear.Check(rejected.Reason));
        log.Events.OfType<ToolFailed>().ToList().ForEach(failed => Clear.Check(failed.Error));
        return prompt.User.Length == 0 ? throw new UnclearException("an empty prompt") : log.Thread.State switch
        {
            ThreadState.Failed failed => $"failed: {Clear.Check(failed.Error)}",
            _ when log.Thread.Status == ThreadStatus.Running => throw new UnclearException("it still runs"),
            _ => $"{log.Events[1].GetType().Name}, then {log.Thread.Status}",
        };
    })), Process.GetCurrentProcess(), ("StepChosen", 3), ("StepRejected", 20));

    public void Dispose()
    {
        _runner.Dispose();
        _store.Dispose();
        _owner.Dispose();
        _database.Dispose();
    }

    /// <summary>Says what it was given, once for every thread, and then that it is done.</summary>
    private sealed class Said : IModel
    {
        public ConcurrentDictionary<string, string> Next { get; } = new();

        public string Name => "said";

        public Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation) => Task.FromResult<ModelReply>(new ModelReply.Said(
            Next.TryRemove(turn.Log.Thread.Start.Input.Element().GetProperty("message").GetString()!, out var reply) ? reply : """{"intent":"done_for_now","message":"done"}"""));
    }
}
