using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.State.Tests;

/// <summary>Events to begin with, all at nine; and the shortest log that leads to each state.</summary>
internal static class Happened
{
    public static readonly DateTimeOffset Nine = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    public static readonly DateTimeOffset Ten = Nine.AddHours(1);
    public static readonly BoundAction TagPush = ActionDigest.Bind("tag_push", JsonText.Parse("""{"tag":"v1.4.0","sha":"9f2c1ab"}"""));

    public static ThreadEvent Started { get; } =
        new ThreadStarted(Nine, "deploybot", "sha256:d1", JsonText.Parse("""{"message":"ship it"}"""), "local", "stdio", "message_received");

    public static ThreadEvent StartedWorkflow { get; } = (ThreadStarted)Started with { Workflow = "1" };

    public static ThreadEvent Parked { get; } = new ThreadParked(Nine);

    public static ThreadEvent Chose(string intent = "tag_push", string arguments = """{"tag":"v1.4.0"}""", Usage? usage = null) =>
        new StepChosen(Nine, intent, JsonText.Parse(arguments), "rules", usage);

    public static ThreadEvent Misstepped(string reason = "there is no intent 'fly'") => new StepRejected(Nine, reason, "rules");

    public static ThreadEvent Began(int call = 2, int attempt = 1) => new ToolStarted(Nine, new(call), attempt);

    public static ThreadEvent Returned(int call = 2, string result = """{"pushed":true}""") => new ToolReturned(Nine, new(call), JsonText.Parse(result));

    public static ThreadEvent ToolBroke(int call = 2, string error = "tag_push: remote hung up") => new ToolFailed(Nine, new(call), error);

    public static ThreadEvent Asked(RequestKind kind = RequestKind.Question, string? schema = null, DateTimeOffset? due = null, AnswerableBy by = AnswerableBy.Caller) =>
        new RequestOpened(Nine, kind, "Which one?", Schema: schema is null ? null : JsonText.Parse(schema), AnswerableBy: by, DueAt: due);

    public static ThreadEvent AskedApproval(DateTimeOffset? due = null, AnswerableBy by = AnswerableBy.Caller) =>
        new RequestOpened(Nine, RequestKind.Approval, "Push tag v1.4.0?", Action: TagPush, AnswerableBy: by, DueAt: due);

    /// <summary>A question of somewhere else, which the tool that runs passes on.</summary>
    public static ThreadEvent PassedOn(RequestKind kind = RequestKind.Approval, DateTimeOffset? due = null, bool onlyThere = false) =>
        new RequestOpened(Nine, kind, "Push tag v1.4.0?", Action: kind == RequestKind.Approval ? TagPush : null, DueAt: due,
            Relay: new(JsonText.Parse("""{"thread":"thr_there","request":"req_there"}"""), "thr_there", "https://there.example/requests/req_there", onlyThere));

    public static ThreadEvent AskedOf(int call, RequestKind kind = RequestKind.Question, ThreadId? child = null, DateTimeOffset? due = null) =>
        new RequestOpened(Nine, kind, $"Which one for call {call}?", Child: child, DueAt: due, Call: new(call));

    public static ThreadEvent Answered(int request, bool? approved = null, string? response = null, string? comment = null) =>
        new RequestAnswered(Nine, new(request), "mia", "stdio", approved, response is null ? null : JsonText.Parse(response), comment);

    public static ThreadEvent Finished { get; } = new ThreadCompleted(Nine, JsonText.Parse("""{"message":"shipped"}"""));

    public static ThreadEvent Broke { get; } = new ThreadFailed(Nine, "the key was refused");

    public static ThreadEvent Stopped { get; } = new ThreadCancelled(Nine, "mia", "stdio", "too late in the day");

    public static IReadOnlyDictionary<string, ThreadEvent[]> Logs { get; } = new Dictionary<string, ThreadEvent[]>
    {
        ["NotStarted"] = [],
        ["Thinking"] = [Started],
        ["Chosen"] = [Started, Chose()],
        ["Approved"] = [Started, Chose(), AskedApproval(), Answered(3, approved: true)],
        ["Acting"] = [Started, Chose(), Began()],
        ["Waiting"] = [Started, Chose(), AskedApproval()],
        ["Waiting for words"] = [Started, Asked()],
        ["Waiting for a step"] = [Started, Asked(RequestKind.NextStep)],
        ["Waiting for leave to go on"] = [Started, Asked(RequestKind.Budget)],
        ["Waiting for the time"] = [Started, Asked(RequestKind.Sleep, due: Ten)],
        ["Waiting for a job"] = [Started, Chose(), Began(), Asked(RequestKind.ExternalResult)],
        ["Waiting for a child"] = [Started, Chose(), Began(), Asked(RequestKind.Child)],
        ["Waiting for an answer elsewhere"] = [Started, Chose(), Began(), PassedOn()],
        ["Resuming"] = [Started, Chose(), Began(), PassedOn(), Answered(4, approved: true)],
        ["Waiting in doubt"] = [Started, Chose(), Began(), Asked(RequestKind.InDoubt)],
        ["Waiting in doubt about an approved call"] = [Started, Chose(), AskedApproval(), Answered(3, approved: true), Began(), Asked(RequestKind.InDoubt)],
        ["Working"] = [StartedWorkflow],
        ["Working at a step"] = [StartedWorkflow, Chose(), Began()],
        ["Working while it asks"] = [StartedWorkflow, Chose(), AskedOf(2)],
        ["Working while it passes on"] = [StartedWorkflow, Chose(), Began(), (RequestOpened)PassedOn() with { Call = new(2) }],
        ["Working, and parked"] = [StartedWorkflow, Chose(), AskedOf(2), Parked],
        ["Working, and held"] = [StartedWorkflow, Asked(RequestKind.Budget)],
        ["Completed"] = [Started, Chose("done"), Finished],
        ["Failed"] = [Started, Broke],
        ["Cancelled"] = [Started, Stopped],
    };
}
