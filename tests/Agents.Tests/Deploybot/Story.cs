using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Xunit;

namespace AgentMcp.Agents.Tests;

/// <summary>A thread as it grows: what the rules choose is compared and becomes part of it.</summary>
internal sealed class Story
{
    private static readonly DateTimeOffset At = new(2026, 2, 1, 12, 0, 0, TimeSpan.Zero);
    private ThreadLog _log;
    private CallId _call;

    public Story(string message, bool slack = false) => _log = ThreadLog.Of(ThreadId.New(At),
    [
        new ThreadStarted(At, "deploybot", "hash", slack
            ? JsonText.Parse($$"""{"from":"@mia","channel":"#releases","text":{{JsonText.Of(message)}}}""")
            : JsonText.Parse($$"""{"message":{{JsonText.Of(message)}}}"""), "local", "stdio", slack ? "slack_message_received" : "message_received"),
    ]);

    public Story Knows(string commits, string builds)
    {
        Step("list_git_commits", JsonText.Parse("{}")).Returns(commits);
        return Step("list_vercel_deployments", JsonText.Parse("{}")).Returns(builds);
    }

    public Story Chooses(string step)
    {
        var chosen = JsonText.Parse(DeploybotRules.Next(_log));
        Assert.Equal(step, chosen.Text);
        return Step(chosen.Element().GetProperty("intent").GetString()!, chosen);
    }

    public Story Returns(string result) => Add(new ToolStarted(At, _call, 1), new ToolReturned(At, _call, JsonText.Parse(result)));

    public Story Fails(string error) => Add(new ToolFailed(At, _call, error));

    public Story IsApproved() => Answered(true, null);

    public Story IsRejected(string? comment) => Answered(false, comment);

    public Story IsInDoubt(string answer)
    {
        Add(new ToolStarted(At, _call, 1), new RequestOpened(At, RequestKind.InDoubt, "What became of it?"));
        return Add(new RequestAnswered(At, new(_log.Thread.Version), "mia", "stdio", Response: JsonText.Parse(answer)));
    }

    public Story Completes() => Step("done_for_now", JsonText.Parse("{}")).Add(new ThreadCompleted(At, JsonText.Parse("{}")));

    public Story IsTold(string words)
    {
        if (_log.Thread.Status == ThreadStatus.Completed)
        {
            return Add(new MessageReceived(At, JsonText.Of(words), "mia", "stdio"));
        }

        Add(new RequestOpened(At, RequestKind.Question, "?"));
        return Add(new RequestAnswered(At, new(_log.Thread.Version), "mia", "stdio", Response: JsonText.Of(words)));
    }

    private Story Answered(bool approved, string? comment)
    {
        var step = (StepChosen)_log.Events[_call.Version - 1];
        Add(new RequestOpened(At, RequestKind.Approval, "?", Action: ActionDigest.Bind(step.Intent, step.Arguments)));
        return Add(new RequestAnswered(At, new(_log.Thread.Version), "mia", "stdio", Approved: approved, Comment: comment));
    }

    private Story Step(string intent, JsonText arguments)
    {
        Add(new StepChosen(At, intent, arguments, "rules"));
        _call = new(_log.Thread.Version);
        return this;
    }

    private Story Add(params ThreadEvent[] events)
    {
        _log = _log.With(events);
        return this;
    }
}
