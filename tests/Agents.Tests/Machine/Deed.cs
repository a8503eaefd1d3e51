using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Machine;

/// <summary>What a client or the world does for one move, and what the client then knows.</summary>
internal sealed class Deed(Reference reference, Town town, Observer observer, string[] scripts)
{
    private static readonly int[] Jumps = [0, 1, 14, 16, 29, 31, 60, 3600, -1, -16, -31, -600];

    public Task Do(Move move, int number, Server server)
    {
        switch (move.Act)
        {
            case Act.Start:
                return Start(move, number, server);
            case Act.Answer when Answerable(observer.Logs()) is { Count: > 0 } open:
                var (log, request) = open[move.Number % open.Count];
                var (approved, response) = Decide(town, log, request, move.Other);
                return Give(new(log.Thread.Id, request.Id, approved, response), server);
            case Act.AnswerAgain when reference.Sent.ToArray() is { Length: > 0 } sent:
                var earlier = sent[move.Number % sent.Length];
                return Give(move.Other % 2 == 0 ? earlier : Contradiction(earlier), server);
            case Act.Cancel when observer.Threads() is { Count: > 0 } threads:
                return Cancel(threads[move.Number % threads.Count], server);
            case Act.Fork when observer.Logs().Values.OrderBy(log => log.Thread.Id.Value, StringComparer.Ordinal).ToList() is { Count: > 0 } logs:
                return Fork(logs[move.Number % logs.Count].Thread, move.Other, server);
            case Act.Recover:
                return server.Runner.Recover();
            case Act.Renew:
                return server.Runner.Renew();
            case Act.LetGo:
                server.LetGo();
                break;
            case Act.Kill when move.Other == 0:
                server.Die();
                break;
            case Act.Kill:
                // A commit is some hundred instructions.
                server.DieAfter(move.Number * move.Other / 2);
                break;
            case Act.SetClock:
                server.Clock.Off = TimeSpan.FromSeconds(Jumps[move.Other]);
                break;
        }

        return Task.CompletedTask;
    }

    /// <summary>What a person can answer, in one order.</summary>
    public static List<(ThreadLog Log, OpenRequest Request)> Answerable(IReadOnlyDictionary<ThreadId, ThreadLog> logs) =>
        [.. logs.Values.OrderBy(log => log.Thread.Id.Value, StringComparer.Ordinal).SelectMany(log => log.Thread.OpenRequests.Select(open => (log, open)))
            .Where(pair => pair.open.Asked.Kind is RequestKind.Approval or RequestKind.Question or RequestKind.InDoubt)];

    /// <param name="choice">0 says yes, and lets run again what did not happen.</param>
    public static (bool? Approved, JsonText? Response) Decide(Town town, ThreadLog log, OpenRequest open, int choice) => open.Asked.Kind switch
    {
        RequestKind.Approval => (choice % 4 != 3, null),
        RequestKind.Question => (null, JsonText.Of($"words {choice}")),
        _ => (null, JsonText.Parse(LookedUp(town, log, open) ? """{"outcome":"done","result":"looked up"}""" : $$"""{"outcome":"{{(choice % 3 == 2 ? "skip" : "run_again")}}"}""")),
    };

    private static bool LookedUp(Town town, ThreadLog log, OpenRequest open)
    {
        var call = open.Asked.Call ?? ((State.Threads.ThreadState.Waiting)log.Thread.State).Call!.Id;
        return town.Settle(call.IdempotencyKey(log.Thread.Id), log.Events.OfType<ToolStarted>().Count(started => started.Call == call)) > 0;
    }

    private async Task Start(Move move, int number, Server server)
    {
        var script = scripts[move.Number % scripts.Length];
        var key = move.Other % 3 == 0 ? null : $"key {move.Number % scripts.Length}";
        var id = await server.Host.Start(script.Split(':')[0], Script.Input($"{script.Split(':')[1]}#{key ?? $"{number}"}"), AgentBench.Me, key);
        reference.Started(id, key);
    }

    private async Task Give(Given answer, Server server)
    {
        var wasTaken = reference.HasTaken(answer);
        reference.Sent.Enqueue(answer);
        try
        {
            await server.Host.Answer(answer.Thread, AgentBench.Me, answer.Request, answer.Approved, answer.Response, null);
            reference.Took(answer);
        }
        catch (RefusedException e) when (!wasTaken && e.Code is RefusalCode.AlreadyAnswered or RefusalCode.ThreadEnded or RefusalCode.RequestNotFound or RefusalCode.NothingPending)
        {
            // Somebody else was quicker.
            return;
        }
    }

    private static Given Contradiction(Given answer) => answer switch
    {
        { Approved: { } approved } => answer with { Approved = !approved },
        _ when answer.Response?.AsString() is not null => answer with { Response = JsonText.Of("the opposite") },
        // Of what became of a call there is one truth.
        _ => answer,
    };

    private async Task Cancel(ThreadId thread, Server server)
    {
        await server.Host.Cancel(thread, AgentBench.Me, null);
        reference.Cancelled(thread);
    }

    private async Task Fork(AgentThread thread, int choice, Server server)
    {
        try
        {
            reference.Forked(await server.Host.Fork(thread.Id, 1 + (choice * 7 % thread.Version), AgentBench.Me));
        }
        catch (RefusedException e) when (e.Code == RefusalCode.InvalidVersion)
        {
            // In the middle of a call.
            return;
        }
    }
}
