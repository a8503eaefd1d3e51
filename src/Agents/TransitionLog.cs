using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Agents;

/// <summary>
/// A line for each time a thread starts, pauses, goes on or ends, with fields a log can be searched by. Nothing that
/// was said is in it: agentmcp show has that, for whoever may see it.
/// </summary>
public static partial class TransitionLog
{
    public const string Category = "AgentMcp.Threads";

    public static Action<StoredEvent> Hook(ILogger logger) => stored =>
    {
        if (logger.IsEnabled(LogLevel.Information) && Transitions.Of(stored) is not null)
        {
            Log(logger, stored);
        }
    };

    private static void Log(ILogger logger, StoredEvent stored)
    {
        var (thread, start, principal) = (stored.Log.Thread.Id, stored.Log.Thread.Start, stored.Log.Thread.Start.Principal);
        switch (stored.Event)
        {
            case ThreadStarted { Parent: { } parent }:
                Called(logger, thread, start.Agent, parent, principal);
                break;
            case ThreadStarted e:
                Started(logger, thread, start.Agent, principal, e.Channel);
                break;
            case ThreadForked e:
                Forked(logger, thread, start.Agent, e.From, principal);
                break;
            case RequestOpened e:
                Paused(logger, thread, start.Agent, WireName.Of(e.Kind), new RequestId(stored.Version).In(thread), principal);
                break;
            case ThreadParked:
                var open = stored.Log.At(stored.Version).Thread.OpenRequests;
                Paused(logger, thread, start.Agent, string.Join(", ", open.Select(one => WireName.Of(one.Asked.Kind))), string.Join(", ", open.Select(one => one.Id.In(thread))), principal);
                break;
            case RequestAnswered e:
                Answered(logger, thread, start.Agent, e.Request.In(thread), e.By, e.Channel, principal);
                break;
            case RequestExpired e:
                Resumed(logger, thread, start.Agent, e.Request.In(thread), "expired", principal);
                break;
            case RequestWithdrawn e:
                Resumed(logger, thread, start.Agent, e.Request.In(thread), "was settled elsewhere", principal);
                break;
            case SleepEnded e:
                Resumed(logger, thread, start.Agent, e.Request.In(thread), "is over", principal);
                break;
            case MessageReceived e:
                SpokenTo(logger, thread, start.Agent, e.By, e.Channel, principal);
                break;
            case ThreadCompleted:
                Completed(logger, thread, start.Agent, stored.Version, principal);
                break;
            case ThreadFailed:
                Failed(logger, thread, start.Agent, stored.Version, principal);
                break;
            case ThreadCancelled e:
                Cancelled(logger, thread, start.Agent, e.By, e.Channel, principal);
                break;
        }
    }

    [LoggerMessage(1, LogLevel.Information, "{Thread} of {Agent} started for {Principal} through {Channel}")]
    private static partial void Started(ILogger logger, ThreadId thread, string agent, string principal, string channel);

    [LoggerMessage(2, LogLevel.Information, "{Thread} of {Agent} started for {Principal}, called by {Caller}")]
    private static partial void Called(ILogger logger, ThreadId thread, string agent, ThreadId caller, string principal);

    [LoggerMessage(10, LogLevel.Information, "{Thread} of {Agent} started for {Principal}, a fork of {Original}")]
    private static partial void Forked(ILogger logger, ThreadId thread, string agent, ThreadId original, string principal);

    [LoggerMessage(3, LogLevel.Information, "{Thread} of {Agent} paused: {Kind} {Request} of {Principal}")]
    private static partial void Paused(ILogger logger, ThreadId thread, string agent, string kind, string request, string principal);

    [LoggerMessage(4, LogLevel.Information, "{Thread} of {Agent} resumed: {Request} of {Principal} was answered by {By} through {Channel}")]
    private static partial void Answered(ILogger logger, ThreadId thread, string agent, string request, string by, string channel, string principal);

    [LoggerMessage(5, LogLevel.Information, "{Thread} of {Agent} resumed: {Request} of {Principal} {How}")]
    private static partial void Resumed(ILogger logger, ThreadId thread, string agent, string request, string how, string principal);

    [LoggerMessage(6, LogLevel.Information, "{Thread} of {Agent} resumed for {Principal}: spoken to by {By} through {Channel}")]
    private static partial void SpokenTo(ILogger logger, ThreadId thread, string agent, string by, string channel, string principal);

    [LoggerMessage(7, LogLevel.Information, "{Thread} of {Agent} completed for {Principal} at version {Version}")]
    private static partial void Completed(ILogger logger, ThreadId thread, string agent, int version, string principal);

    [LoggerMessage(8, LogLevel.Information, "{Thread} of {Agent} failed for {Principal} at version {Version}")]
    private static partial void Failed(ILogger logger, ThreadId thread, string agent, int version, string principal);

    [LoggerMessage(9, LogLevel.Information, "{Thread} of {Agent} of {Principal} cancelled by {By} through {Channel}")]
    private static partial void Cancelled(ILogger logger, ThreadId thread, string agent, string by, string channel, string principal);
}
