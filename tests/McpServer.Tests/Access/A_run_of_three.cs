using System.Text.RegularExpressions;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Access;

/// <summary>A workflow that waits for two agents: one asks anybody, the other bob alone.</summary>
internal sealed partial class A_run_of_three
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    public ThreadId Caller { get; } = ThreadId.New(Nine);

    public ThreadId Asking { get; } = ThreadId.New(Nine);

    public ThreadId Other { get; } = ThreadId.New(Nine);

    public string Request => $"/requests/{new RequestId(3).In(Asking)}";

    public async Task Store(Database database, string owner = "ana")
    {
        using var process = new Owner(database);
        using var store = new ThreadStore(database, process);
        var started = new ThreadStarted(Nine, "calculator", "sha256:none", JsonText.Parse("{}"), owner, "http", "message_received");
        await Store(Caller,
            started with { Agent = "pipeline", Workflow = "1" }, Chooses(), Chooses(), Waits(2, Asking), Waits(3, Other), new ThreadParked(Nine));
        await Store(Asking,
            started with { Parent = Caller, ParentCall = new(2), Root = Caller, Depth = 1 }, Chooses(), new RequestOpened(Nine, RequestKind.Question, "Which?"));
        await Store(Other,
            started with { Agent = "rollback", Parent = Caller, ParentCall = new(3), Root = Caller, Depth = 1 }, Chooses(), new RequestOpened(Nine, RequestKind.Question, "And?", Responders: ["bob"]));

        Task Store(ThreadId id, params ThreadEvent[] events) => store.Start(ThreadLog.Of(id, events), idempotencyKey: null, takeLease: false);
    }

    /// <summary>What the page of a request links to above the question, from the first caller down.</summary>
    public static IEnumerable<string> ChainOn(string page) => Link().Matches(Chain().Match(page).Value).Select(link => $"{link.Groups[1].Value} {link.Groups[2].Value}");

    [GeneratedRegex("""<nav class="path" aria-label="Chain of threads">.*?</nav>""", RegexOptions.Singleline)]
    private static partial Regex Chain();

    [GeneratedRegex("""<a href="([^"]*)">([^<]*)</a>""")]
    private static partial Regex Link();

    private static StepChosen Chooses() => new(Nine, "divide", JsonText.Parse("{}"), "rules", new(10, 2));

    private static RequestOpened Waits(int call, ThreadId child) => new(Nine, RequestKind.Child, "Waits.", Child: child, Call: new(call));
}
