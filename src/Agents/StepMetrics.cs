using System.Diagnostics.Metrics;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>
/// The steps of this process as metrics of the meter <c>AgentMcp</c>, for any listener there is: <c>dotnet-counters</c>,
/// an OpenTelemetry exporter. Names and numbers only; nothing that was said. Thread-safe.
/// </summary>
public sealed class StepMetrics : IDisposable
{
    public const string MeterName = "AgentMcp";

    private readonly Meter _meter = new(MeterName);
    private readonly Counter<long> _threads;
    private readonly Counter<long> _steps;
    private readonly Counter<long> _tokens;
    private readonly Counter<long> _calls;
    private readonly Counter<long> _requests;
    private readonly Counter<long> _transitions;
    private readonly Histogram<double> _took;
    private readonly Histogram<double> _waited;

    public StepMetrics()
    {
        _threads = _meter.CreateCounter<long>("agentmcp.threads", "{thread}", "Threads that began or ended, by agent and status.");
        _steps = _meter.CreateCounter<long>("agentmcp.steps", "{step}", "Steps that were chosen, rejected or turned down, by agent, intent and model.");
        _tokens = _meter.CreateCounter<long>("agentmcp.tokens", "{token}", "Tokens as providers counted them, by agent, model and direction.");
        _calls = _meter.CreateCounter<long>("agentmcp.calls", "{call}", "Calls of tools that ended, by agent, intent and outcome.");
        _requests = _meter.CreateCounter<long>("agentmcp.requests", "{request}", "Requests that were opened, by agent and kind.");
        _transitions = _meter.CreateCounter<long>("agentmcp.transitions", "{transition}", "Threads that started, paused, went on or ended, by agent.");
        _waited = _meter.CreateHistogram<double>("agentmcp.request.wait", "s", "From a request to its answer or its end, by agent, kind and what ended it.");
        _took = _meter.CreateHistogram<double>("agentmcp.call.duration", "s", "From the start of a call to its end, by agent and intent.");
    }

    public void Take(StoredEvent stored)
    {
        if (_transitions.Enabled && Transitions.Of(stored) is { } transition)
        {
            _transitions.Add(1, Agent(stored), new("transition", WireName.Of(transition)));
        }

        switch (stored.Event)
        {
            case ThreadStarted:
                _threads.Add(1, Agent(stored), new("status", "started"));
                break;
            case ThreadCompleted or ThreadFailed or ThreadCancelled:
                _threads.Add(1, Agent(stored), new("status", WireName.Of(stored.Log.At(stored.Version).Thread.Status)));
                break;
            case StepChosen e:
                Step(stored, e.Intent, "chosen", e.Model, e.Usage);
                break;
            case StepRejected e:
                Step(stored, "", "rejected", e.Model, e.Usage);
                break;
            case StepJudged { Verdict: Verdict.Fail } e:
                Step(stored, Intent(stored, e.Call), "turned_down", e.Model, e.Usage);
                break;
            case StepJudged e:
                Used(stored, e.Model, e.Usage);
                break;
            case Summarised e:
                Used(stored, e.Model, e.Usage);
                break;
            case ToolReturned e:
                Ended(stored, e.Call, e.Cached is null ? "returned" : "cached");
                break;
            case ToolFailed e:
                Ended(stored, e.Call, "failed");
                break;
            case RequestOpened e:
                _requests.Add(1, Agent(stored), new("kind", WireName.Of(e.Kind)));
                break;
            case RequestAnswered e:
                Waited(stored, e.Request, "answered");
                break;
            case RequestExpired e:
                Waited(stored, e.Request, "expired");
                break;
            case RequestWithdrawn e:
                Waited(stored, e.Request, "withdrawn");
                break;
        }
    }

    public void Dispose() => _meter.Dispose();

    private void Step(StoredEvent stored, string intent, string outcome, string model, Usage? usage)
    {
        _steps.Add(1, Agent(stored), new("intent", intent), new("outcome", outcome), new("model", model));
        Used(stored, model, usage);
    }

    private void Used(StoredEvent stored, string model, Usage? usage)
    {
        if (usage is not null)
        {
            _tokens.Add(usage.InputTokens, Agent(stored), new("model", model), new("direction", "in"));
            _tokens.Add(usage.OutputTokens, Agent(stored), new("model", model), new("direction", "out"));
        }
    }

    private void Waited(StoredEvent stored, RequestId request, string end)
    {
        if (_waited.Enabled && stored.Log.Events[request.Version - 1] is RequestOpened asked)
        {
            _waited.Record((stored.Event.At - asked.At).TotalSeconds, Agent(stored), new("kind", WireName.Of(asked.Kind)), new("end", end));
        }
    }

    private void Ended(StoredEvent stored, CallId call, string outcome)
    {
        _calls.Add(1, Agent(stored), new("intent", Intent(stored, call)), new("outcome", outcome));
        for (var version = stored.Version - 1; version > call.Version; version--)
        {
            if (stored.Log.Events[version - 1] is ToolStarted began && began.Call == call)
            {
                _took.Record((stored.Event.At - began.At).TotalSeconds, Agent(stored), new("intent", Intent(stored, call)));
                return;
            }
        }
    }

    private static KeyValuePair<string, object?> Agent(StoredEvent stored) => new("agent", stored.Agent);

    private static string Intent(StoredEvent stored, CallId call) => (stored.Log.Events[call.Version - 1] as StepChosen)?.Intent ?? "";
}
