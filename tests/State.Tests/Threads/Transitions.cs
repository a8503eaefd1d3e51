using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.State.Tests.Threads;

/// <summary>Every event offered to a thread in every state: what follows, and what cannot happen.</summary>
internal static class Transitions
{
    public static IEnumerable<(string From, string Event, string? To)> All() =>
        from log in Happened.Logs
        let thread = AgentThread.Fold(Spec.Id, log.Value)
        from happened in Offer(thread)
        select (NameOf(thread), NameOf(happened), After(thread, happened));

    public static string NameOf(AgentThread thread) => thread.State.GetType().Name;

    public static string NameOf(ThreadEvent happened) => JsonText.Parse(ThreadJson.Write(happened)).Element().GetProperty("type").GetString()!;

    private static string? After(AgentThread thread, ThreadEvent happened)
    {
        try
        {
            return NameOf(AgentThread.Evolve(thread, happened));
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    private static ThreadEvent[] Offer(AgentThread thread)
    {
        var call = thread.State switch
        {
            Chosen s => s.Call.Id.Version,
            Approved s => s.Call.Id.Version,
            Acting s => s.Call.Id.Version,
            Resuming s => s.Call.Id.Version,
            Working { Open: [var first, ..] } => first.Id.Version,
            _ => 99,
        };
        var open = thread.OpenRequests.Select(request => request.Id.Version).SingleOrDefault(99);
        return
        [
            Happened.Started, Happened.StartedWorkflow, Happened.Chose(), Happened.Misstepped(), Happened.Began(call), Happened.Returned(call), Happened.ToolBroke(call),
            Happened.Asked(), Happened.AskedOf(call), Happened.Parked, Happened.Finished, Happened.Broke, Happened.Stopped,
            Happened.Answered(open, approved: true), Happened.Answered(open, approved: false), Happened.Answered(open, response: "\"the blue one\""),
            Happened.Answered(open, response: """{"outcome":"done","result":1}"""), Happened.Answered(open, response: """{"outcome":"run_again"}"""),
            Happened.Answered(open, response: """{"outcome":"skip"}"""),
            new RequestExpired(Happened.Ten, new(open)), new SleepEnded(Happened.Ten, new(open)), new RequestWithdrawn(Happened.Ten, new(open), "it was settled where it came from"),
            new AnswerRefused(Happened.Ten, new(open), "model", "mcp", "only a person may answer this"),
            new DeliveryFailed(Happened.Ten, new(open), "ops", "the server answered 503"),
            new MessageReceived(Happened.Ten, JsonText.Of("and now staging"), "mia", "stdio"),
            new Fetched(Happened.Ten, "list_tags", JsonText.Null, JsonText.Null), new Summarised(Happened.Ten, 1, 1, "it was quiet", "rules"),
            new StepJudged(Happened.Ten, new(call), Verdict.Pass, "as asked", "rules"), new StepJudged(Happened.Ten, new(call), Verdict.Fail, "not asked for", "rules"),
            new ToolReturned(Happened.Ten, new(call), JsonText.Null, new(Spec.Id, 3, Happened.Nine)),
            new DefinitionChanged(Happened.Ten, "sha256:d2", "mia", "stdio"),
            new ThreadForked(Happened.Ten, Spec.Id, thread.Version, "mia", "stdio"),
        ];
    }
}
