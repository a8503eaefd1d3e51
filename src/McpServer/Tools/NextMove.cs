using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Server.Tools;

/// <summary>The two sentences a caller reads: what is the case, and which tool to call with what. Pure.</summary>
internal static class NextMove
{
    /// <param name="tip">The end of the chain, when the thread waits for a child.</param>
    public static string Sentence(AgentThread thread, AgentThread? tip = null)
    {
        var who = thread.Model == "rules" ? $"{thread.Start.Agent} (built-in rules, no model)" : thread.Start.Agent;
        return thread.State switch
        {
            Waiting { Request.Asked: { Kind: RequestKind.Approval } asked } => $"{who} waits for approval: {asked.Question}",
            Waiting { Request.Asked: { Kind: RequestKind.NextStep } } => $"{who} waits for its next step, which you choose.",
            Waiting { Request.Asked: { Kind: RequestKind.Sleep, DueAt: { } due } } => $"{who} sleeps until {due:yyyy-MM-ddTHH:mm:ssZ}.",
            Waiting { Request.Asked.Kind: RequestKind.Child } => tip is null || tip.Id == thread.Id ? $"{who} waits for another agent." : $"{who} has called {tip.Start.Agent}. {Sentence(tip)}",
            Waiting { Request.Asked: var asked } => $"{who} waits for an answer: {asked.Question}",
            Completed when ThreadResult.IsLong(thread) => $"{who} is done. Its output is long; read it from thread://{thread.Id}/output.",
            Completed done => $"{who} is done. {Message(done.Output)}".TrimEnd(),
            Failed failed => $"{who} failed: {failed.Error}",
            Cancelled { Reason: { } reason } => $"{who} was cancelled: {reason}",
            Cancelled => $"{who} was cancelled.",
            _ => $"{who} is still working.",
        };
    }

    /// <summary>The page where a person answers a request, or null when there are no pages.</summary>
    public static string? PageOf(string request, string? inbox) => inbox is null ? null : $"{inbox}/requests/{request}";

    /// <inheritdoc cref="Sentence"/>
    public static string Of(AgentThread thread, AnswerableBy server, string? inbox = null, AgentThread? tip = null) => thread.State switch
    {
        // Answered from here, it need not be known which thread asked.
        Waiting { Request.Asked.Kind: RequestKind.Child } when tip is { State: Waiting { Request: { Asked.Kind: not RequestKind.Child } inner } } => Answer(thread.Id, tip.Id, inner, server, inbox),
        Waiting { Request.Asked.Kind: RequestKind.Child } => $"Call wait_thread with thread_id \"{thread.Id}\" to wait for what comes next.",
        Waiting { Request: var open } => Answer(thread.Id, thread.Id, open, server, inbox),
        Completed => $"Nothing is left to do. To go on with it, call resume_thread with thread_id \"{thread.Id}\" and a response.",
        Failed => $"Nothing is left to do. To try again from an earlier point, call fork_thread with thread_id \"{thread.Id}\" and at_version.",
        Cancelled => "Nothing is left to do.",
        _ => $"Call wait_thread with thread_id \"{thread.Id}\" to wait for what comes next.",
    };

    private static string Answer(ThreadId thread, ThreadId owner, OpenRequest open, AnswerableBy server, string? inbox)
    {
        var id = open.Id.In(owner);
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
