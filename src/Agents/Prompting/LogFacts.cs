using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Prompting;

/// <summary>
/// What a renderer must know of the rest of the log: which intent a call had, and which errors are over. An error is
/// over once the same tool succeeds (a rejected step: once any tool does); it and its call then leave the context. Of
/// several open errors of one tool only the last is shown, with their number.
/// </summary>
internal sealed class LogFacts
{
    private readonly Dictionary<RequestId, CallId> _calls = [];
    private readonly HashSet<int> _resolved = [];
    private readonly Dictionary<int, int> _repetitions = [];
    private readonly Dictionary<int, string> _shortened = [];
    private readonly HashSet<int> _stays = [1];
    private readonly Dictionary<string, List<int>> _open = new(StringComparer.Ordinal);
    private readonly Dictionary<(string, JsonText), int> _newest = [];
    private IReadOnlyList<ThreadEvent> _log = [];
    private CallId? _latest;
    private int? _objection;
    private HashSet<int>? _ongoing;
    private bool _isOtherwise;

    /// <summary>The versions it knows of.</summary>
    public int Count { get; private set; }

    public static LogFacts Of(IReadOnlyList<ThreadEvent> log)
    {
        var facts = new LogFacts();
        facts.Add(log);
        return facts;
    }

    /// <summary>Takes in what a log has had appended. True when all that was known before is shown as it was.</summary>
    /// <param name="log">The log it knows, or one that goes on from that.</param>
    public bool Add(IReadOnlyList<ThreadEvent> log)
    {
        (_log, _ongoing, _isOtherwise) = (log, null, false);
        while (Count < log.Count)
        {
            Count++;
            Add(Count);
        }

        // A summary hides what is over, and what is over may change with whatever happens.
        return !_isOtherwise && Past is null;
    }

    /// <summary>Whether a log goes on from the one it knows.</summary>
    public bool IsBefore(IReadOnlyList<ThreadEvent> log) => Count > 0 && Count <= log.Count && ReferenceEquals(_log[Count - 1], log[Count - 1]);

    private void Add(int version)
    {
        switch (_log[version - 1])
        {
            case StepJudged { Verdict: Verdict.Pass or Verdict.Fail } e:
                Resolve(_objection);
                _objection = e.Verdict == Verdict.Fail ? version : null;
                break;
            case Summarised { From: var from } e when from == e.To:
                (_shortened[from], _isOtherwise) = (e.Text, true);
                break;
            case Summarised e:
                (Past, _isOtherwise) = (e, true);
                break;
            case MessageReceived or RequestAnswered or RequestExpired:
                _stays.Add(version);
                break;
            case Fetched e:
                Replace((e.Intent, e.Arguments), version);
                break;
            case StepChosen:
                _latest = new CallId(version);
                break;
            case RequestOpened e when (e.Call ?? _latest) is { } call:
                _calls[new RequestId(version)] = call;
                // An answer says little without what was asked.
                _stays.UnionWith(e.Kind is RequestKind.Question or RequestKind.Approval or RequestKind.InDoubt ? [call.Version] : []);
                break;
            case StepRejected:
                Fail("", version);
                break;
            case ToolFailed e:
                Fail(Intent(e.Call), version);
                break;
            case ToolReturned e:
                Succeed(Intent(e.Call));
                Succeed("");
                _latest = null;
                break;
        }
    }

    /// <summary>The summary that stands for the beginning of the log; null while there is none.</summary>
    public Summarised? Past { get; private set; }

    /// <summary>Whether a version is not shown: it was resolved, or a summary stands for it.</summary>
    public bool IsHidden(int version) => _resolved.Contains(version) || (Past is { } past && version >= past.From && version <= past.To && !Stays(version));

    /// <summary>Whether a version is shown whatever is summarised: what people said and were asked, and what is not over.</summary>
    public bool Stays(int version) => _stays.Contains(version) || (_ongoing ??= Ongoing()).Contains(version);

    /// <summary>The text that stands for one large result.</summary>
    public string? Shortened(int version) => _shortened.GetValueOrDefault(version);

    /// <summary>How many failures in a row the error at this version stands for.</summary>
    public int Repetitions(int version) => _repetitions.GetValueOrDefault(version, 1);

    public string Intent(CallId call) => ((StepChosen)_log[call.Version - 1]).Intent;

    public bool IsAboutAgent(ThreadEvent ended) => Request(ended is RequestAnswered answer ? answer.Request : ((RequestExpired)ended).Request).Gone is not null;

    public RequestOpened Request(RequestId request) => (RequestOpened)_log[request.Version - 1];

    /// <summary>The intent whose call waited for this request; null when no call did.</summary>
    public string? AskedBy(RequestId request) => _calls.TryGetValue(request, out var call) ? Intent(call) : null;

    // What is not over yet, with the steps it is about, and the facts of now.
    private HashSet<int> Ongoing() =>
        [.. _newest.Values.Concat(_open.Values.SelectMany(failures => failures.TakeLast(1))).Concat(_objection is { } last ? [last] : []).SelectMany(WithCall)];

    private IEnumerable<int> WithCall(int version) => _log[version - 1] switch
    {
        ToolFailed e => [version, e.Call.Version],
        StepJudged e => [version, e.Call.Version],
        _ => [version],
    };

    private void Hide(int version)
    {
        _resolved.Add(version);
        _isOtherwise = true;
    }

    // Of a fact that was fetched again only the newer one is true.
    private void Replace((string, JsonText) fact, int version)
    {
        if (_newest.TryGetValue(fact, out var older))
        {
            Hide(older);
        }

        _newest[fact] = version;
    }

    // Only the latest objection is open: a later verdict takes it, and the step it was about, out of the context.
    private void Resolve(int? objection)
    {
        if (objection is { } version)
        {
            Hide(version);
            Hide(((StepJudged)_log[version - 1]).Call.Version);
        }
    }

    private void Fail(string tool, int version)
    {
        if (!_open.TryGetValue(tool, out var failures))
        {
            _open[tool] = failures = [];
        }

        failures.ForEach(Resolve);
        failures.Add(version);
        _repetitions[version] = failures.Count;
    }

    private void Succeed(string tool)
    {
        if (_open.Remove(tool, out var failures))
        {
            failures.ForEach(Resolve);
        }
    }

    // With the error goes the call it answered, and a bare yes to that call; what a person said in words stays.
    private void Resolve(int version)
    {
        Hide(version);
        if (_log[version - 1] is not ToolFailed failed)
        {
            return;
        }

        Hide(failed.Call.Version);
        for (var between = failed.Call.Version + 1; between < version; between++)
        {
            if (_log[between - 1] is RequestAnswered { Approved: true, Comment: null, Response: null })
            {
                Hide(between);
            }
        }
    }
}
