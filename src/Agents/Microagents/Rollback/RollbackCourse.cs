using System.Text.RegularExpressions;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Microagents.Rollback;

/// <summary>How far a rollback has come, as the rules see it: folded from the log at every step and thrown away.</summary>
internal sealed partial class RollbackCourse
{
    private readonly IReadOnlyList<ThreadEvent> _log;

    private RollbackCourse(IReadOnlyList<ThreadEvent> log)
    {
        _log = log;
        Facts = RollbackFacts.From(((ThreadStarted)log[0]).Input);
        Left = [.. (Facts.Deployed.Frontend is null ? Array.Empty<Part>() : [Part.Frontend]), .. (Facts.Deployed.Backend is null ? Array.Empty<Part>() : [Part.Backend])];
    }

    public RollbackFacts Facts { get; }

    /// <summary>The parts still to be taken back, in order.</summary>
    public IReadOnlyList<Part> Left { get; private set; }

    /// <summary>Sentences on what was taken back.</summary>
    public List<string> Done { get; } = [];

    /// <summary>Why a tool failed, and which.</summary>
    public (string Intent, string Error)? Failure { get; private set; }

    /// <summary>Why nothing further is to be taken back.</summary>
    public string? Stopped { get; private set; }

    public static RollbackCourse Of(IReadOnlyList<ThreadEvent> log)
    {
        var course = new RollbackCourse(log);
        foreach (var happened in log)
        {
            course.Take(happened);
        }

        return course;
    }

    private void Take(ThreadEvent happened)
    {
        switch (happened)
        {
            case ToolReturned e when PartOf(IntentOf(e.Call)) is { } part:
                Taken(part, part == Part.Backend
                    ? Sentences.Pushed(DeployJson.TryRead(e.Result, DeployJson.Default.BackendDeploy), null)
                    : Sentences.Promoted(DeployJson.TryRead(e.Result, DeployJson.Default.Promotion), null));
                break;
            case ToolFailed e when PartOf(IntentOf(e.Call)) is { } part && e.Error.Contains("already in production", StringComparison.Ordinal):
                Taken(part, e.Error.Trim());
                break;
            case ToolFailed e:
                Failure = (IntentOf(e.Call), e.Error);
                break;
            case RequestAnswered e:
                Answered((RequestOpened)_log[e.Request.Version - 1], e);
                break;
            case RequestExpired e when _log[e.Request.Version - 1] is RequestOpened { Kind: RequestKind.Approval }:
                Stopped = "the approval was not given in time";
                break;
            case MessageReceived e:
                Hear(e.Message);
                break;
        }
    }

    private void Answered(RequestOpened asked, RequestAnswered answer)
    {
        switch (asked.Kind)
        {
            case RequestKind.Question when answer.Response is { } response:
                Hear(response);
                break;
            case RequestKind.Approval when answer.Approved == false && asked.Action is { } action && PartOf(action.Tool) is { } part:
                Rejected(part, answer.Comment);
                break;
            case RequestKind.InDoubt when InDoubtAnswer.Of(answer.Response) is InDoubtAnswer.Skip:
                Stopped = "it is not known what became of the last step, and it was left at that";
                break;
        }
    }

    /// <summary>A person spoke. Only what asks for another try leads on; anything else leaves production as it is.</summary>
    private void Hear(JsonText words)
    {
        var said = Conversation.Words(words);
        Failure = null;
        Stopped = Wish.Read(said, new Wish.Deploy(Left, null)) is Wish.Deploy || RollBack().IsMatch(said) ? null : $"a person said \"{Readable.FirstLine(said)}\"";
    }

    /// <summary>A comment may turn the order round; any other no ends it.</summary>
    private void Rejected(Part part, string? comment)
    {
        if (comment is not null && Wish.Corrected(comment, part, new(Left, null)) is { Order: [var first, ..] order } && first != part && order.All(Left.Contains))
        {
            Left = order;
            return;
        }

        Stopped = $"taking the {Conversation.Name(part)} back was rejected ({(string.IsNullOrWhiteSpace(comment) ? "no comment given" : $"\"{Readable.FirstLine(comment)}\"")})";
    }

    private void Taken(Part part, string sentence)
    {
        Left = [.. Left.Where(other => other != part)];
        Done.Add(sentence);
    }

    private string IntentOf(CallId call) => ((StepChosen)_log[call.Version - 1]).Intent;

    private static Part? PartOf(string intent) => intent switch
    {
        Rollback.PushTag => Part.Backend,
        Rollback.Promote => Part.Frontend,
        _ => null,
    };

    [GeneratedRegex(@"^\W*(please\s+)?(roll|take|go|bring)\b.*\bback\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex RollBack();
}
