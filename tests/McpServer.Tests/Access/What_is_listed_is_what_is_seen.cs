using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMcp.Server.Tests.Access;

/// <summary>Lists are made by SQL and single threads looked up by a rule in code: for each state of a thread both say the same.</summary>
public sealed class What_is_listed_is_what_is_seen : IDisposable
{
    private const string All = "bob carol dave";
    private const string Nobody = "";

    private static readonly DateTimeOffset Nine = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);
    private static readonly ThreadId Child = ThreadId.New(Nine);
    private static readonly ThreadId Caller = ThreadId.New(Nine);
    private readonly TestFolder _folder = new();
    private readonly Core _core;
    private readonly Owner _owner;
    private readonly ThreadStore _store;

    public What_is_listed_is_what_is_seen()
    {
        _core = new(Settings.Load(new Dictionary<string, string?> { ["db"] = _folder.Database, ["model"] = "rules" }), NullLoggerFactory.Instance);
        _owner = new(_core.Database);
        _store = new(_core.Database, _owner);
    }

    /// <summary>What has happened in a thread of ana's, which approvers find it in their lists, and who sees it beside them.</summary>
    private static readonly (string What, ThreadEvent[] Log, string Listed, string Also)[] Threads =
    [
        ("a question to anybody", [Began(), Asks()], All, Nobody),
        ("a question to one", [Began(), Asks("bob")], "bob", Nobody),
        ("a question to one by other letters", [Began(), Asks("Bob", "CAROL")], "bob carol", Nobody),
        ("a question to nobody", [Began(), new RequestOpened(Nine, RequestKind.Question, "Which?", Responders: [])], Nobody, Nobody),
        ("a result from anywhere", [Began(), Asks(RequestKind.ExternalResult)], Nobody, Nobody),
        ("a result from a person", [Began(), Asks(RequestKind.ExternalResult) with { AnswerableBy = AnswerableBy.Human }], All, Nobody),
        ("a step", [Began(), Asks(RequestKind.NextStep)], Nobody, Nobody),
        ("a sleep", [Began(), Asks(RequestKind.Sleep) with { DueAt = Nine.AddDays(1) }], Nobody, Nobody),
        ("passed on", [Began(), Chooses(), Starts(2), PassedOn(onlyThere: false)], All, Nobody),
        ("to be answered elsewhere only", [Began(), Chooses(), Starts(2), PassedOn(onlyThere: true)], Nobody, Nobody),
        ("an answer that was refused", [Began(), Asks("bob"), new AnswerRefused(Nine, new(2), "dave", "http", "only bob may answer this")], "bob", Nobody),
        ("a delivery that failed", [Began(), Asks("bob"), new DeliveryFailed(Nine, new(2), "mail", "it is down")], "bob", Nobody),
        ("asked of one, then of another", [Began(), Asks("bob"), Answers(2, "bob"), Asks("carol")], "carol", "bob"),
        ("expired, then asked of another", [Began(), Asks() with { DueAt = Nine }, new RequestExpired(Nine, new(2)), Asks("carol")], "carol", Nobody),
        ("answered, and at work", [Began(), Asks(), Answers(2, "carol")], Nobody, "carol"),
        ("answered, and done", [Began(), Asks(), Answers(2, "carol"), Chooses(), new ThreadCompleted(Nine, JsonText.Parse("{}"))], Nobody, "carol"),
        ("cancelled", [Began(), Asks(), new ThreadCancelled(Nine, "ana", "http")], Nobody, Nobody),
        ("a copy", [Began(), Asks("bob"), new ThreadForked(Nine, Caller, 2, "ana", "http")], "bob", Nobody),
        ("a workflow that asks one, and was answered by another", [Workflow(), Chooses(), Chooses(), Of(2, Asks("bob")), Of(3, Asks()), Answers(5, "carol"), Parks()], "bob", "carol"),
        ("a workflow that asks anybody, and then one", [Workflow(), Chooses(), Chooses(), Of(2, Asks()), Of(3, Asks("bob")), Parks()], All, Nobody),
        ("a workflow that asks two", [Workflow(), Chooses(), Chooses(), Of(2, Asks("carol")), Of(3, Asks("bob")), Parks()], "bob carol", Nobody),
        ("a workflow that is answered elsewhere only, and was here",
            [Workflow(), Chooses(), Chooses(), Starts(2), Of(2, PassedOn(onlyThere: true)), Of(3, Asks() with { DueAt = Nine }), new RequestExpired(Nine, new(6)), Parks()], Nobody, Nobody),
        ("a workflow that asks one, and no longer what it passed on",
            [Workflow(), Chooses(), Chooses(), Starts(2), Of(2, PassedOn(onlyThere: false)), Of(3, Asks("bob")), new RequestWithdrawn(Nine, new(5), "it was settled there"), Starts(2),
                new ToolReturned(Nine, new(2), JsonText.Null), Parks()], "bob", Nobody),
        // It is listed once it waits for nothing else.
        ("a workflow that asks while it works", [Workflow(), Chooses(), Chooses(), Of(2, Asks())], Nobody, All),
        // Its child is listed.
        ("a caller", [Began(), Chooses(), new RequestOpened(Nine, RequestKind.Child, "Waits for calculator.", Child: Child)], Nobody, "bob"),
        ("what it called", [Began() with { Parent = Caller, ParentCall = new(2), Root = Caller, Depth = 1 }, Asks("bob")], "bob", Nobody),
    ];

    internal static ThreadLog LogOf(string what) => ThreadLog.Of(ThreadId.New(Nine), Threads.Single(one => one.What == what).Log);

    [Fact]
    [Trait("Accepts", "P.1")]
    public async Task For_every_approver_and_every_state_of_a_thread()
    {
        var names = await Store();

        foreach (var name in All.Split(' '))
        {
            var who = new Principal(name, Roles.Approve);
            Assert.Equal(Threads.Where(one => Has(one.Listed, name)).Select(one => one.What), Listed(who, names));
            Assert.Equal(Threads.Where(one => Has(one.Listed, name)).Select(one => one.What), Pending(who, names));
            Assert.Equal(Threads.Where(one => Has(one.Listed, name) || Has(one.Also, name)).Select(one => one.What), Seen(who, names));
        }

        static bool Has(string some, string name) => some.Split(' ').Contains(name);
    }

    [Fact]
    public async Task And_for_whoever_sees_everything_or_only_its_own()
    {
        var names = await Store();
        foreach (var who in new Principal[] { new("ana", Roles.Run), new("rea", Roles.Read), new("adm", Roles.Admin) })
        {
            Assert.Equal(Threads.Select(one => one.What), Listed(who, names));
            Assert.Equal(Threads.Select(one => one.What), Seen(who, names));
        }

        Assert.Empty(Listed(new("ben", Roles.Run), names));
        Assert.Empty(Seen(new("ben", Roles.Run), names));
    }

    public void Dispose()
    {
        _store.Dispose();
        _owner.Dispose();
        _core.Dispose();
        _folder.Dispose();
    }

    private async Task<Dictionary<string, string>> Store()
    {
        Dictionary<string, string> names = [];
        foreach (var (what, events, _, _) in Threads)
        {
            var log = ThreadLog.Of(what == "a caller" ? Caller : what == "what it called" ? Child : ThreadId.New(Nine), events);
            await _store.Start(log, idempotencyKey: null, takeLease: false);
            names[log.Thread.Id.Value] = what;
        }

        return names;
    }

    private IEnumerable<string> Listed(Principal who, Dictionary<string, string> names) =>
        InOrder(_core.Host.List(new(_core.Access.SightOf(who), Limit: 200)).Rows.Select(row => names[row.ThreadId]));

    private IEnumerable<string> Pending(Principal who, Dictionary<string, string> names) =>
        InOrder(new RequestKind?[] { null, RequestKind.ExternalResult }.SelectMany(kind => _core.Pending.List(new(_core.Access.SightOf(who), Kind: kind)).Rows).Select(row => names[row.ThreadId]));

    private IEnumerable<string> Seen(Principal who, Dictionary<string, string> names) =>
        InOrder(_core.Access.Among(names.Keys.Select(ThreadId.Parse), who).Keys.Select(id => names[id.Value]));

    private static IEnumerable<string> InOrder(IEnumerable<string> some) => some.OrderBy(what => Array.FindIndex(Threads, one => one.What == what));

    private static ThreadStarted Began() => new(Nine, "calculator", "sha256:none", JsonText.Parse("{}"), "ana", "http", "message_received");

    private static ThreadStarted Workflow() => Began() with { Workflow = "1" };

    private static RequestOpened Asks(params string[] responders) => new(Nine, RequestKind.Question, "Which?", Responders: responders.Length == 0 ? null : responders);

    private static RequestOpened Asks(RequestKind kind) => new(Nine, kind, "Which?");

    private static RequestOpened PassedOn(bool onlyThere) =>
        new(Nine, RequestKind.Question, "Which?", Relay: new(JsonText.Parse("""{"thread":"thr_there"}"""), "thr_there", "https://there.example", onlyThere));

    private static RequestOpened Of(int call, RequestOpened asked) => asked with { Call = new(call) };

    private static StepChosen Chooses() => new(Nine, "divide", JsonText.Parse("{}"), "rules");

    private static ToolStarted Starts(int call) => new(Nine, new(call), 1);

    private static RequestAnswered Answers(int request, string by) => new(Nine, new(request), by, "http", Response: JsonText.Parse("\"this\""));

    private static ThreadParked Parks() => new(Nine);
}
