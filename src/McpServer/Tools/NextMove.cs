using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Server.Tools;

/// <summary>The two sentences a caller reads: what is the case, and which tool to call with what. Pure.</summary>
internal static class NextMove
{
    public static string Sentence(WaitingFor waiting)
    {
        var (thread, who) = (waiting.Thread, Name(waiting.Thread));
        return (thread.State, waiting.First) switch
        {
            (Waiting or Working, { } first) => (first.Log.Thread.Id == thread.Id ? "" : $"{who} has called {first.Log.Thread.Start.Agent}. ")
                + Asked(Name(first.Log.Thread), first.Open.Asked) + More(waiting.Answerable.Count - 1),
            (Waiting or Working { IsParked: true }, null) => waiting.AtWork.ToList() switch
            {
                [] => $"{who} waits for another agent.",
                [var one] => $"{who} has called {one.Start.Agent}. {Name(one)} is still working.",
                var several => $"{who} has called {string.Join(" and ", several.Select(one => one.Start.Agent))}. They are still working.",
            },
            (Completed, _) when ThreadResult.IsLong(thread) => $"{who} is done. Its output is long; read it from thread://{thread.Id}/output.",
            (Completed done, _) => $"{who} is done. {Message(done.Output)}".TrimEnd(),
            (Failed failed, _) => $"{who} failed: {failed.Error}",
            (Cancelled { Reason: { } reason }, _) => $"{who} was cancelled: {reason}",
            (Cancelled, _) => $"{who} was cancelled.",
            _ => $"{who} is still working.",
        };
    }

    /// <summary>The page where a person answers a request, or null when there are no pages.</summary>
    public static string? PageOf(string? request, string? inbox) => inbox is null || request is null ? null : $"{inbox}/requests/{request}";

    /// <inheritdoc cref="Sentence"/>
    public static string Of(WaitingFor waiting, AnswerableBy server, string? inbox = null) => waiting.Thread is var thread && waiting.First is { } first && !thread.IsFinal
        // Answered from here, it need not be known which thread asked.
        ? Answer(thread.Id, first, server, inbox) + (waiting.Answerable.Count > 1 ? " The others that are open have a request_id of their own, listed under requests." : "")
        : Of(thread);

    private static string Of(AgentThread thread) => thread.State switch
    {
        Completed when thread.Start.Workflow is not null => "Nothing is left to do.",
        Completed => $"Nothing is left to do. To go on with it, call resume_thread with thread_id \"{thread.Id}\" and a response.",
        Failed => $"Nothing is left to do. To try again from an earlier point, call fork_thread with thread_id \"{thread.Id}\" and at_version.",
        Cancelled => "Nothing is left to do.",
        _ => $"Call wait_thread with thread_id \"{thread.Id}\" to wait for what comes next.",
    };

    private static string Name(AgentThread thread) => thread.Model == "rules" ? $"{thread.Start.Agent} (built-in rules, no model)" : thread.Start.Agent;

    private static string Asked(string who, RequestOpened asked) => asked switch
    {
        { Kind: RequestKind.Approval } => $"{who} waits for approval: {asked.Question}",
        { Kind: RequestKind.NextStep } => $"{who} waits for its next step, which you choose.",
        { Kind: RequestKind.Sleep, DueAt: { } due } => $"{who} sleeps until {due:yyyy-MM-ddTHH:mm:ssZ}.",
        _ => $"{who} waits for an answer: {asked.Question}",
    };

    private static string More(int others) => others switch
    {
        <= 0 => "",
        1 => " One more request is open.",
        _ => $" {others} more requests are open.",
    };

    private static string Answer(ThreadId thread, Asking asking, AnswerableBy server, string? inbox)
    {
        var (id, open) = (asking.Id, asking.Open);
        var call = $"call resume_thread with thread_id \"{thread}\", request_id \"{id}\" and";
        return open.Asked switch
        {
            { Kind: RequestKind.Sleep } => $"It goes on by itself. Call wait_thread with thread_id \"{thread}\" to wait for it.",
            { Kind: RequestKind.Child } => $"Call wait_thread with thread_id \"{thread}\" to wait for what comes next.",
            { Relay: { OnlyThere: true } relay } =>
                $"Only a person may answer this, where it was asked{(relay.Url is { } there ? $": tell the user to open {there}" : "; tell the user")}. Then call wait_thread with thread_id \"{thread}\".",
            { Kind: RequestKind.NextStep } =>
                $"Read the request's context, choose the next step yourself, and {call} response holding the step: one JSON object that fits the request's schema. Do not answer for the person where a step asks one.",
            _ when AnswerRules.WhoFor(open.Asked, server) == AnswerableBy.Human =>
                $"Only a person may answer this. Tell the user to {(PageOf(id, inbox) is { } page ? $"open {page} or to " : "")}run: agentmcp answer {thread} (there they can approve, reject or respond). Then call wait_thread with thread_id \"{thread}\".",
            { Kind: RequestKind.Approval } => $"Ask the user. Then {call} approved true or false (comment optional).",
            { Kind: RequestKind.Budget } => $"Ask the user. Then {call} approved true or false, or a response with guidance.",
            { Kind: RequestKind.InDoubt } =>
                $"Ask the user what became of it. Then {call} response {{\"outcome\": \"done\", \"result\": ...}}, {{\"outcome\": \"run_again\"}} or {{\"outcome\": \"skip\"}}.",
            { Kind: RequestKind.ExternalResult } => $"When the result is there, {call} response holding it.",
            { Options: { Count: > 0 } options } => $"Ask the user. Then {call} response, one of: {string.Join(", ", options.Select(option => option.Name))}.",
            _ => $"Ask the user. Then {call} response holding their answer.",
        };
    }

    private static string Message(JsonText output) =>
        output.Element() is { ValueKind: System.Text.Json.JsonValueKind.Object } o && o.TryGetProperty("message", out var message)
            && message.ValueKind == System.Text.Json.JsonValueKind.String ? message.GetString()! : "";
}
