using System.Text.Json.Nodes;
using AgentMcp.Agents;
using AgentMcp.Agents.Microagents.Calculator;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMcp.Benchmarks;

/// <summary>Agents on a file database without a transport; the model adds 1 as often as it is told and is done.</summary>
internal sealed class InProcess : IDisposable
{
    private static readonly Responder Caller = new("bench", "bench");
    private readonly Scratch _scratch = new();
    private readonly Owner _owner;
    private readonly ThreadStore _store;
    private readonly ThreadRunner _runner;

    /// <param name="later">The model does not answer within the call, as one does that is asked over a network: what was done before is stored meanwhile.</param>
    /// <param name="reads">The model reads its prompt, as one does that is asked over a network.</param>
    public InProcess(bool later = false, bool reads = false)
    {
        Database = Database.Open(_scratch.Database);
        _owner = new Owner(Database);
        _store = new ThreadStore(Database, _owner);
        var index = new ThreadIndex(Database);
        var agent = new Microagent("counter", "Counts.", JsonText.Parse("""{"type":"object","properties":{"to":{"type":"integer"}},"required":["to"]}"""),
            Microagent.MessageSchema, "You count.", [.. Calculator.Tools, StandardIntents.DoneForNow(Microagent.MessageSchema)], new Limits(Steps: 100_000));
        var catalog = new MicroagentCatalog([agent]);
        _runner = new ThreadRunner(_store, index, new AgentLoop(_store, TimeProvider.System), catalog, _ => new Counter(later, reads), TimeProvider.System, NullLogger<ThreadRunner>.Instance);
        Host = new AgentHost(_store, index, _runner, catalog, TimeProvider.System);
    }

    public AgentHost Host { get; }

    public Database Database { get; }

    public long FileSize => new FileInfo(_scratch.Database).Length;

    /// <summary>Runs one thread of so many tool steps to its end.</summary>
    public async Task Count(int steps)
    {
        var thread = await Host.Start("counter", JsonText.Parse(new JsonObject { ["to"] = steps }.ToJsonString()), Caller);
        var log = await Host.Wait(thread, "bench", TimeSpan.FromMinutes(5), CancellationToken.None);
        if (log.Thread.Status != ThreadStatus.Completed)
        {
            throw new InvalidOperationException($"The thread is {log.Thread.State}");
        }
    }

    public void Dispose()
    {
        _runner.Dispose();
        _store.Dispose();
        _owner.Dispose();
        _scratch.Dispose();
    }

    private sealed class Counter(bool later, bool reads) : IModel
    {
        public string Name => "counter";

        public async Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation)
        {
            await (later ? Yielded() : Task.CompletedTask).ConfigureAwait(false);
            if (reads && turn.Prompt.User.Length == 0)
            {
                throw new InvalidOperationException("There is no prompt.");
            }

            var to = turn.Log.Thread.Start.Input.Element().GetProperty("to").GetInt32();
            var reply = turn.Log.Thread.Steps < to
                ? $$"""{"intent":"add","a":{{turn.Log.Thread.Steps}},"b":1}"""
                : """{"intent":"done_for_now","message":"counted"}""";
            return new ModelReply.Said(reply);
        }

        private static async Task Yielded() => await Task.Yield();
    }
}
