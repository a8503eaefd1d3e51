using System.Diagnostics;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Telemetry;

/// <summary>
/// One run of a thread as a span, from where it starts or goes on to where it waits or ends. The first one's identity is
/// stored in the log; every later run, in whichever process, is its child, and linked to whoever let the thread go on.
/// </summary>
public sealed class RunSpan : IDisposable
{
    private static readonly RunSpan None = new(null);
    private readonly Activity? _activity;
    private bool _handedOver;

    private RunSpan(Activity? activity) => _activity = activity;

    /// <summary>What is stored with the thread, in the form of the W3C: null where nobody traces.</summary>
    public CallersTrace? Trace => _activity is { Id: { } id } ? CallersTrace.Of(id, _activity.TraceStateString) : null;

    /// <param name="caller">What the caller sent along, where the span that receives its call is not already ours.</param>
    internal static RunSpan First(Microagent agent, ThreadId thread, CallersTrace? caller) => !Tracing.IsOn ? None
        : new(Begin(agent.Name, agent.Flow is not null, thread, Activity.Current is null ? Parsed(caller) : default, null));

    /// <summary>A thread that goes on.</summary>
    internal static RunSpan Next(AgentThread thread)
    {
        if (!Tracing.IsOn)
        {
            return None;
        }

        ActivityLink[]? links = Activity.Current is { Recorded: true } caller ? [new(caller.Context)] : null;
        return new(Begin(thread.Start.Agent, thread.Start.Workflow is not null, thread.Id, Parsed(CallersTrace.Of(thread)), links));
    }

    /// <summary>From now on it is ended by whoever runs the thread.</summary>
    internal RunSpan HandOver()
    {
        if (_activity is null)
        {
            return None;
        }

        _handedOver = true;
        return new(_activity);
    }

    /// <summary>Where the run left the thread.</summary>
    internal void LeftAt(AgentThread thread)
    {
        if (_activity is { IsAllDataRequested: true } span)
        {
            span.SetTag("agentmcp.thread.status", WireName.Of(thread.Status)).SetTag("agentmcp.thread.version", thread.Version);
            span.SetTag("agentmcp.request.kind", thread.OpenRequests is [var open, ..] ? WireName.Of(open.Asked.Kind) : null);
            if (thread.Status == ThreadStatus.Failed)
            {
                span.Failed("thread_failed");
            }
        }
    }

    /// <summary>What led to the run is on disk. Without a lease it came to rest at once, or somebody else runs it.</summary>
    internal void Stored(AgentThread thread, Lease? lease)
    {
        if (lease is null && thread.Status == ThreadStatus.Running)
        {
            Forget();
        }
        else
        {
            LeftAt(thread);
        }
    }

    /// <inheritdoc cref="Stored(AgentThread, Lease?)"/>
    internal void Stored(AgentThread thread, Started started)
    {
        if (started.IsNew)
        {
            Stored(thread, started.Lease);
        }
        else
        {
            Forget();
        }
    }

    /// <summary>There was no run: nothing is recorded.</summary>
    internal void Forget()
    {
        if (_activity is not null)
        {
            _activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;
        }
    }

    public void Dispose()
    {
        if (!_handedOver)
        {
            _activity?.Dispose();
        }
    }

    private static Activity? Begin(string agent, bool isWorkflow, ThreadId thread, ActivityContext parent, ActivityLink[]? links)
    {
        var operation = isWorkflow ? "invoke_workflow" : "invoke_agent";
        return Tracing.Source.StartActivity($"{operation} {agent}", ActivityKind.Internal, parent,
            [
                new("gen_ai.operation.name", operation), new("gen_ai.provider.name", "agentmcp"),
                new(isWorkflow ? "gen_ai.workflow.name" : "gen_ai.agent.name", agent), new("gen_ai.conversation.id", thread.Value),
            ], links);
    }

    private static ActivityContext Parsed(CallersTrace? trace) => ActivityContext.TryParse(trace?.Parent, trace?.State, isRemote: true, out var context) ? context : default;
}
