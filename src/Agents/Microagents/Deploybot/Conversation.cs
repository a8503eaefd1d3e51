using System.Text.Json;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>
/// A thread as the rules see it: what is wanted since somebody last spoke, what was found out and done since then, and
/// what stands in the way. Folded from the log at every step and thrown away.
/// </summary>
internal sealed class Conversation
{
    private readonly IReadOnlyList<ThreadEvent> _log;
    private (CommitList? Commits, DeploymentList? Deployments) _ahead;

    private Conversation(IReadOnlyList<ThreadEvent> log) => _log = log;

    public Wish Wish { get; private set; } = new Wish.Unclear();

    /// <summary>Sentences on what was deployed, or did not have to be, in order.</summary>
    public List<string> Done { get; } = [];

    public HashSet<Part> Dealt { get; } = [];

    public CommitList? Commits { get; private set; }

    public DeploymentList? Deployments { get; private set; }

    /// <summary>Why a tool failed, and which.</summary>
    public (string Intent, string Error)? Failure { get; private set; }

    /// <summary>Why nothing further is to be proposed.</summary>
    public string? Stopped { get; private set; }

    /// <summary>Whether the commits at hand are enough to show this many.</summary>
    public bool Shows(int count) => Commits is not null && (!ReferenceEquals(Commits, _ahead.Commits) || count <= DeployTools.Standard);

    public static Conversation Of(IReadOnlyList<ThreadEvent> log)
    {
        var conversation = new Conversation(log);
        foreach (var happened in log)
        {
            conversation.Take(happened);
        }

        return conversation;
    }

    private void Take(ThreadEvent happened)
    {
        switch (happened)
        {
            case ThreadStarted e:
                Hear(Words(e.Input) + (e.Trigger.Contains("daily", StringComparison.OrdinalIgnoreCase) ? " (daily check)" : ""));
                break;
            case MessageReceived e:
                Hear(Words(e.Message));
                break;
            case RequestAnswered e:
                Answered((RequestOpened)_log[e.Request.Version - 1], e);
                break;
            case RequestExpired e when _log[e.Request.Version - 1] is RequestOpened { Kind: RequestKind.Approval }:
                Stopped = "the approval was not given in time";
                break;
            case Fetched e:
                FetchedAhead(e);
                break;
            case ToolReturned e:
                Returned((StepChosen)_log[e.Call.Version - 1], e.Result);
                break;
            case ToolFailed e:
                Failed((StepChosen)_log[e.Call.Version - 1], e.Error);
                break;
        }
    }

    private void Hear(string words)
    {
        (Wish, Commits, Deployments, Failure, Stopped) = (Wish.Read(words, Wish), _ahead.Commits, _ahead.Deployments, null, null);
        Done.Clear();
        Dealt.Clear();
    }

    private void Answered(RequestOpened asked, RequestAnswered answer)
    {
        switch (asked.Kind)
        {
            case RequestKind.Question when answer.Response is { } response:
                Hear(Words(response));
                break;
            case RequestKind.Approval when answer.Approved == false && asked.Action is { } action && PartOf(action.Tool) is { } part:
                Rejected(part, answer.Comment);
                break;
            case RequestKind.InDoubt when InDoubtAnswer.Of(answer.Response) is InDoubtAnswer.Skip:
                Stopped = "it is not known what became of the last deploy, and it was left at that";
                break;
        }
    }

    private void Rejected(Part part, string? comment)
    {
        if (Wish is Wish.Deploy wanted && comment is not null
            && Wish.Corrected(comment, part, wanted with { Order = [part, .. wanted.Order.Where(other => other != part && !Dealt.Contains(other))] }) is { } corrected
            && corrected.Order.Any(other => !Dealt.Contains(other)) && !Dealt.Contains(corrected.Order[0]))
        {
            Wish = corrected;
            return;
        }

        Stopped = $"the {Name(part)} deploy was rejected ({(string.IsNullOrWhiteSpace(comment) ? "no comment given" : $"\"{Readable.FirstLine(comment)}\"")})";
    }

    private void Returned(StepChosen step, JsonText result)
    {
        switch (step.Intent)
        {
            case DeployTools.ListCommits when DeployJson.TryRead(result, DeployJson.Default.CommitList) is { Commits: not null } commits:
                Commits = commits;
                break;
            case DeployTools.ListDeployments when DeployJson.TryRead(result, DeployJson.Default.DeploymentList) is { Deployments: not null } deployments:
                Deployments = deployments;
                break;
            case DeployTools.PushTag:
                Deployed(Part.Backend, Sentences.Pushed(DeployJson.TryRead(result, DeployJson.Default.BackendDeploy), DeployJson.TryRead(step.Arguments, DeployJson.Default.PushArguments)));
                break;
            case DeployTools.Promote:
                Deployed(Part.Frontend, Sentences.Promoted(DeployJson.TryRead(result, DeployJson.Default.Promotion), DeployJson.TryRead(step.Arguments, DeployJson.Default.PromoteArguments)));
                break;
            default:
                Failure = (step.Intent, "its result could not be read");
                break;
        }
    }

    // What could not be fetched is asked for as a step, and that its failure is told. The lists by which a wish is being
    // carried out stay the same until it is, so that both parts get the same commit.
    private void FetchedAhead(Fetched fact)
    {
        _ahead = fact.Intent switch
        {
            DeployTools.ListCommits => _ahead with { Commits = fact.Result is { } commits ? DeployJson.TryRead(commits, DeployJson.Default.CommitList) : null },
            DeployTools.ListDeployments => _ahead with { Deployments = fact.Result is { } all ? DeployJson.TryRead(all, DeployJson.Default.DeploymentList) : null },
            _ => _ahead,
        };
        (Commits, Deployments) = Dealt.Count == 0 ? _ahead : (Commits, Deployments);
    }

    private void Failed(StepChosen step, string error)
    {
        if (PartOf(step.Intent) is { } part && error.Contains("already in production", StringComparison.Ordinal))
        {
            Deployed(part, error.Trim());
        }
        else
        {
            Failure = (step.Intent, error);
        }
    }

    private void Deployed(Part part, string sentence)
    {
        Dealt.Add(part);
        Done.Add(sentence);
    }

    public static string Name(Part part) => part == Part.Backend ? "backend" : "frontend";

    private static Part? PartOf(string intent) => intent switch
    {
        DeployTools.PushTag => Part.Backend,
        DeployTools.Promote => Part.Frontend,
        _ => null,
    };

    /// <summary>What was said, whatever it came in.</summary>
    public static string Words(JsonText said)
    {
        var value = said.Element();
        return value.ValueKind switch
        {
            JsonValueKind.String => value.GetString()!,
            JsonValueKind.Object => string.Join(" ", ((string[])["message", "subject", "text", "body"])
                .Select(name => value.TryGetProperty(name, out var member) && member.ValueKind == JsonValueKind.String ? member.GetString() : null).OfType<string>()),
            _ => said.Text,
        };
    }
}
