using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Workflows;

/// <summary>
/// A workflow's code played along the log of its thread. Each event is given to it in turn, as it was or is written, and
/// the code runs until it awaits what has not happened yet. The same log so always leads to the same operations; those
/// that the log does not hold yet are what the workflow does next. Never blocks, asks nobody.
/// </summary>
internal sealed class Execution
{
    private readonly WorkflowCode _code;
    private readonly Pump _pump = new();
    private readonly Dictionary<CallId, Operation> _operations = [];
    private readonly Dictionary<RequestId, RequestOpened> _asked = [];
    private readonly Queue<ThreadId> _seeds;
    private readonly List<Operation> _new = [];
    private int _place = -1;
    private int _steps;
    private Task<JsonText>? _result;

    private Execution(WorkflowCode code, ThreadLog log, Microagent agent)
    {
        (_code, Thread, Agent) = (code, log.Thread.Id, agent);
        _seeds = new([.. log.Events.OfType<ThreadForked>().Select(fork => fork.From), log.Thread.Id]);
    }

    public ThreadId Thread { get; }

    public Microagent Agent { get; }

    public DateTimeOffset Now { get; private set; }

    /// <summary>What new ids come from. A copy has those of its original up to where it was copied, and its own from there.</summary>
    public ThreadId Seed => _seeds.Peek();

    /// <summary>What was asked of the run and is not in the log yet, in the order it was asked.</summary>
    public IReadOnlyList<Operation> New => _new;

    /// <summary>Why the code and the log do not go together; null while they do.</summary>
    public string? Trouble { get; private set; }

    /// <summary>The output or the exception, once the code has ended.</summary>
    public Task<JsonText>? Result => _result is { IsCompleted: true } ended ? ended : null;

    public bool WasDisturbed => _pump.WasDisturbed;

    public static Execution Of(WorkflowCode code, ThreadLog log, Microagent agent)
    {
        var execution = new Execution(code, log, agent);
        execution.Take(log.Events, 1);
        return execution;
    }

    public void Take(IEnumerable<ThreadEvent> events, int firstVersion)
    {
        var version = firstVersion;
        foreach (var happened in events)
        {
            if (Trouble is null)
            {
                Now = happened.At;
                Take(happened, version++);
            }
        }
    }

    public Operation? Find(CallId call) => _operations.GetValueOrDefault(call);

    /// <exception cref="InvalidOperationException">It was not asked by the workflow's own code.</exception>
    public void Issue(Operation operation)
    {
        MustBeInside(operation.Name);
        if (_place < 0)
        {
            _new.Add(operation);
        }
        else
        {
            // The code after a marker stands where the marker stood.
            _new.Insert(_place++, operation);
        }
    }

    /// <exception cref="InvalidOperationException">It was not asked by the workflow's own code.</exception>
    public void MustBeInside(string name)
    {
        if (!_pump.Check())
        {
            throw new InvalidOperationException(
                $"'{name}' was asked of the run from outside the workflow's own code: from inside a step, or after an await of something else (Task.Run, Task.Delay). Do such work in a step, and ask only between steps.");
        }
    }

    /// <summary>What the code goes on with when it cannot read what the log holds: nothing.</summary>
    public Task<T> Misread<T>(string why)
    {
        Trouble ??= why;
        return new TaskCompletionSource<T>().Task;
    }

    /// <summary>Whether the code may go on with it. A step that it asked for is only recognised.</summary>
    public static bool Continues(ThreadEvent happened) => happened is ToolReturned or ToolFailed or RequestAnswered or RequestExpired or SleepEnded;

    private void Take(ThreadEvent happened, int version)
    {
        switch (happened)
        {
            case ThreadStarted e:
                _pump.Run(() => _result = Begin(e.Input));
                break;
            case StepChosen e:
                Recognise(e, new(version));
                break;
            case RequestOpened e:
                _asked[new(version)] = e;
                break;
            case ToolReturned e:
                End(e.Call, operation => new(e.Result, Answer: operation.Approved));
                break;
            case ToolFailed e:
                End(e.Call, _ => new(Error: e.Error));
                break;
            // What a tool passed on goes back to the tool, which then ends the call.
            case RequestAnswered e when _asked[e.Request].Relay is null:
                Answered(e, _asked[e.Request]);
                break;
            case RequestExpired e when _asked[e.Request].Relay is null:
                Expired(_asked[e.Request]);
                break;
            case SleepEnded e:
                End(_asked[e.Request].Call, _ => new());
                break;
            case ThreadForked:
                _seeds.Dequeue();
                break;
        }
    }

    private async Task<JsonText> Begin(JsonText input)
    {
        try
        {
            return await _code(new Run(this), input).ConfigureAwait(false);
        }
        finally
        {
            _pump.Check();
        }
    }

    private void Recognise(StepChosen chosen, CallId call)
    {
        _steps++;
        // A thread that was past a change before it was made has something else in the place of the marker.
        while (_new is [{ IsMarker: true } marker, ..] && marker.Name != chosen.Intent)
        {
            _new.RemoveAt(0);
            _place = 0;
            _pump.Run(() => marker.End(new(JsonText.Of(false))));
            _place = -1;
        }

        Trouble = _new switch
        {
            [] when Result is not null => $"step {_steps} was '{chosen.Intent}' when this thread ran, and the workflow now ends before it",
            [] => $"step {_steps} was '{chosen.Intent}' when this thread ran, and the workflow now does something else first",
            [var next, ..] when next.Name != chosen.Intent => $"step {_steps} was '{chosen.Intent}' when this thread ran and is '{next.Name}' now",
            [var next, ..] when next.Arguments != chosen.Arguments =>
                $"step {_steps}, '{chosen.Intent}', was given {Shown(chosen.Arguments)} when this thread ran and is given {Shown(next.Arguments)} now",
            _ => null,
        };
        if (Trouble is null)
        {
            _operations[call] = _new[0];
            _new.RemoveAt(0);
        }
    }

    private void Answered(RequestAnswered answer, RequestOpened asked)
    {
        switch (asked.Kind)
        {
            case RequestKind.Approval when answer.Approved == true && asked.Call is { } call:
                _operations[call].Approved = answer;
                break;
            case RequestKind.InDoubt when InDoubtAnswer.Of(answer.Response) is InDoubtAnswer.Skip:
                End(asked.Call, _ => new(Error: $"it was cut off, and {answer.By} left it so"));
                break;
            case RequestKind.Question or RequestKind.Sleep or RequestKind.Approval:
                End(asked.Call, _ => new(Answer: answer));
                break;
        }
    }

    private void Expired(RequestOpened asked) => End(asked.Call, _ => asked.Kind switch
    {
        RequestKind.Approval => new(),
        // Of older logs: a doubt expires no more.
        RequestKind.InDoubt => new(Error: "it was cut off and may have happened; nobody said whether it did before the request expired"),
        _ => new(Error: "nobody answered before the request expired"),
    });

    private void End(CallId? call, Func<Operation, Ending> ending)
    {
        if (call is { } its && _operations.TryGetValue(its, out var operation))
        {
            _pump.Run(() => operation.End(ending(operation)));
        }
    }

    private static string Shown(JsonText arguments) => Tools.ErrorText.Cut(arguments.Text, 200);
}
