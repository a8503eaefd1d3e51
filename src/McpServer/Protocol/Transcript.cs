using System.Text;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Protocol;

/// <summary>A thread as Markdown that a person can follow: one entry an event, with what mattered about it. Pure.</summary>
internal static class Transcript
{
    public static string Of(ThreadLog log)
    {
        var text = new StringBuilder($"# {log.Thread.Start.Agent}: {log.Thread.Id}\n\nStatus: {WireName.Of(log.Thread.Status)}\n");
        if (log.Thread.Usage is not { InputTokens: 0, OutputTokens: 0 })
        {
            text.Append($"Used: {UsageText.Of(log.Thread.Usage, log.Thread.UnpricedSteps)}\n");
        }

        for (var version = 1; version <= log.Events.Count; version++)
        {
            var happened = log.Events[version - 1];
            var (title, detail) = Describe(happened, log);
            text.Append($"\n{version}. **{title}** ({happened.At:yyyy-MM-dd HH:mm:ss}Z{(UsageText.Of(happened) is { } used ? $"; {used}" : "")})\n");
            if (detail is { Length: > 0 })
            {
                text.Append('\n').AppendJoin('\n', detail.Split('\n').Select(line => $"       {line}")).Append('\n');
            }
        }

        return text.ToString();
    }

    /// <summary>What happened in a few words, and the rest of what there is to say.</summary>
    public static (string Title, string? Detail) Describe(ThreadEvent happened, ThreadLog log) => happened switch
    {
        ThreadStarted e => ($"Started by {e.Principal} through {e.Channel}", e.Input.Text),
        StepChosen e => ($"Chose {e.Intent} ({e.Model})", e.Arguments.Text),
        StepRejected e => ($"A reply was rejected ({e.Model})", e.Reason),
        ToolStarted e => ($"Started {Intent(e.Call, log)}{(e.Attempt > 1 ? $", attempt {e.Attempt}" : "")}", null),
        ToolReturned e => ($"{Intent(e.Call, log)} returned{(e.Cached is { } from ? $", as it did at {from.At:HH:mm:ss}Z in {from.Thread}" : "")}", e.Result.Text),
        Fetched e => ($"Fetched {e.Intent} {e.Arguments}{(e.Error is null ? "" : ", in vain")}", e.Error ?? e.Result?.Text),
        StepJudged e => ($"The judge {(e.Verdict switch { State.Threads.Verdict.Pass => "passed", State.Threads.Verdict.Fail => "turned down", _ => "said nothing of" })} {Intent(e.Call, log)} ({e.Model})", e.Reason),
        Summarised e => ($"{(e.From == e.To ? $"Event {e.From} was" : $"Events {e.From} to {e.To} were")} summarised ({e.Model})", e.Text),
        ToolFailed e => ($"{Intent(e.Call, log)} failed", e.Error),
        RequestOpened e => ($"Asked ({WireName.Of(e.Kind)}): {e.Question}", e.Context),
        RequestAnswered e => ($"Answered by {e.By} through {e.Channel}{Verdict(e)}", Words(e)),
        RequestExpired => ("The request expired", null),
        SleepEnded => ("The wait is over", null),
        DeliveryFailed e => ($"Nobody could be told through {e.Channel}", e.Error),
        AnswerRefused e => ($"An answer by {e.By} through {e.Channel} was refused", e.Reason),
        MessageReceived e => ($"Message from {e.By} through {e.Channel}", e.Message.Text),
        ThreadCompleted e => ("Completed", e.Output.Text),
        ThreadFailed e => ("Failed", e.Error),
        ThreadCancelled e => ($"Cancelled by {e.By} through {e.Channel}", e.Reason),
        ThreadParked => ("Waits for what is open", null),
        DefinitionChanged e => ($"Goes on as its agent is today, said {e.By} through {e.Channel}", e.Definition),
        ThreadForked e => ($"Forked by {e.By} from {e.From} at version {e.FromVersion}", null),
        _ => throw new InvalidOperationException($"There is no description of {happened.GetType().Name}."),
    };

    private static string Intent(CallId call, ThreadLog log) => ((StepChosen)log.Events[call.Version - 1]).Intent;

    private static string Verdict(RequestAnswered answer) => answer.Approved switch
    {
        true => ": approved",
        false => ": rejected",
        null => "",
    };

    private static string? Words(RequestAnswered answer) =>
        string.Join('\n', new[] { answer.Response?.Text, answer.Comment }.OfType<string>()) is { Length: > 0 } words ? words : null;
}
