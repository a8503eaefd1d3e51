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
    private readonly IReadOnlyList<ThreadEvent> _log;
    private readonly Dictionary<RequestId, CallId> _calls = [];
    private readonly HashSet<int> _resolved = [];
    private readonly Dictionary<int, int> _repetitions = [];
    private readonly Dictionary<int, string> _shortened = [];
    private readonly HashSet<int> _stays = [1];

    public LogFacts(IReadOnlyList<ThreadEvent> log)
    {
        _log = log;
        var open = new Dictionary<string, List<int>>(StringComparer.Ordinal);
        var newest = new Dictionary<(string, JsonText), int>();
        CallId? latest = null;
        int? objection = null;
        for (var version = 1; version <= log.Count; version++)
        {
            switch (log[version - 1])
            {
                case StepJudged { Verdict: Verdict.Pass or Verdict.Fail } e:
                    Resolve(objection);
                    objection = e.Verdict == Verdict.Fail ? version : null;
                    break;
                case Summarised { From: var from } e when from == e.To:
                    _shortened[from] = e.Text;
                    break;
                case Summarised e:
                    Past = e;
                    break;
                case MessageReceived or RequestAnswered or RequestExpired:
                    _stays.Add(version);
                    break;
                case Fetched e:
                    Replace(newest, (e.Intent, e.Arguments), version);
                    break;
                case StepChosen:
                    latest = new CallId(version);
                    break;
                case RequestOpened e when (e.Call ?? latest) is { } call:
                    _calls[new RequestId(version)] = call;
                    // An answer says little without what was asked.
                    _stays.UnionWith(e.Kind is RequestKind.Question or RequestKind.Approval or RequestKind.InDoubt ? [call.Version] : []);
                    break;
                case StepRejected:
                    Fail(open, "", version, null);
                    break;
                case ToolFailed e:
                    Fail(open, Intent(e.Call), version, e.Call);
                    break;
                case ToolReturned e:
                    Succeed(open, Intent(e.Call));
                    latest = null;
                    break;
            }
        }

        // What is not over yet, with the steps it is about, and the facts of now.
        _stays.UnionWith(newest.Values.Concat(open.Values.SelectMany(failures => failures.TakeLast(1))).Concat(objection is { } last ? [last] : []).SelectMany(WithCall));
    }

    /// <summary>The summary that stands for the beginning of the log; null while there is none.</summary>
    public Summarised? Past { get; }

    /// <summary>Whether a version is not shown: it was resolved, or a summary stands for it.</summary>
    public bool IsHidden(int version) => _resolved.Contains(version) || (Past is { } past && version >= past.From && version <= past.To && !_stays.Contains(version));

    /// <summary>Whether a version is shown whatever is summarised: what people said and were asked, and what is not over.</summary>
    public bool Stays(int version) => _stays.Contains(version);

    /// <summary>The text that stands for one large result.</summary>
    public string? Shortened(int version) => _shortened.GetValueOrDefault(version);

    /// <summary>How many failures in a row the error at this version stands for.</summary>
    public int Repetitions(int version) => _repetitions.GetValueOrDefault(version, 1);

    public string Intent(CallId call) => ((StepChosen)_log[call.Version - 1]).Intent;

    public bool IsAboutAgent(ThreadEvent ended) => Request(ended is RequestAnswered answer ? answer.Request : ((RequestExpired)ended).Request).Gone is not null;

    public RequestOpened Request(RequestId request) => (RequestOpened)_log[request.Version - 1];

    /// <summary>The intent whose call waited for this request; null when no call did.</summary>
    public string? AskedBy(RequestId request) => _calls.TryGetValue(request, out var call) ? Intent(call) : null;

    private IEnumerable<int> WithCall(int version) => _log[version - 1] switch
    {
        ToolFailed e => [version, e.Call.Version],
        StepJudged e => [version, e.Call.Version],
        _ => [version],
    };

    // Of a fact that was fetched again only the newer one is true.
    private void Replace(Dictionary<(string, JsonText), int> newest, (string, JsonText) fact, int version)
    {
        if (newest.TryGetValue(fact, out var older))
        {
            _resolved.Add(older);
        }

        newest[fact] = version;
    }

    // Only the latest objection is open: a later verdict takes it, and the step it was about, out of the context.
    private void Resolve(int? objection)
    {
        if (objection is { } version)
        {
            _resolved.Add(version);
            _resolved.Add(((StepJudged)_log[version - 1]).Call.Version);
        }
    }

    private void Fail(Dictionary<string, List<int>> open, string tool, int version, CallId? call)
    {
        if (!open.TryGetValue(tool, out var failures))
        {
            open[tool] = failures = [];
        }

        failures.ForEach(earlier => Resolve(earlier));
        failures.Add(version);
        _repetitions[version] = failures.Count;
    }

    private void Succeed(Dictionary<string, List<int>> open, string tool)
    {
        foreach (var over in new[] { tool, "" })
        {
            if (open.Remove(over, out var failures))
            {
                failures.ForEach(Resolve);
            }
        }
    }

    // With the error goes the call it answered, and a bare yes to that call; what a person said in words stays.
    private void Resolve(int version)
    {
        _resolved.Add(version);
        if (_log[version - 1] is not ToolFailed failed)
        {
            return;
        }

        _resolved.Add(failed.Call.Version);
        for (var between = failed.Call.Version + 1; between < version; between++)
        {
            if (_log[between - 1] is RequestAnswered { Approved: true, Comment: null, Response: null })
            {
                _resolved.Add(between);
            }
        }
    }
}
