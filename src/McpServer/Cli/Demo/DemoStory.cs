namespace AgentMcp.Server.Cli.Demo;

/// <summary>The demo as it happens, told step by step: what is done and why it matters.</summary>
/// <param name="inbox">What answers on the second server: null for the client, which calls resume_thread.</param>
internal sealed class DemoStory(Playground playground, Screen screen, Decider decide, DemoInbox? inbox, CancellationToken cancellation)
{
    private const string Wish = "deploy the latest commit to production";
    private readonly Narrator _teller = new(screen);

    public async Task<DemoFacts> Tell()
    {
        _teller.Step("Something real to deploy",
            $"A git repository with three commits, a bare remote it is pushed to, and two frontend builds ({Playground.LiveBuild} is live, {Playground.NewBuild} is new).",
            playground.Folder);
        var facts = await OnFirstServer().ConfigureAwait(false);
        await OnSecondServer(facts).ConfigureAwait(false);
        return facts;
    }

    private async Task<DemoFacts> OnFirstServer()
    {
        var server = await DemoServer.Stdio(playground.Setup, cancellation).ConfigureAwait(false);
        await using var _ = server.ConfigureAwait(false);
        _teller.Step("A server over stdio, and an MCP client",
            $"Process {server.ProcessId} runs agentmcp stdio, as a desktop host would start it. The official client of the MCP SDK is connected "
            + $"(protocol {server.Protocol}) and sees {await server.CountTools(cancellation).ConfigureAwait(false)} tools.");

        _teller.Step("The client calls the agent", $"deploybot, with the message \"{Wish}\".");
        var first = await server.Call("deploybot", cancellation, ("message", Wish)).ConfigureAwait(false);
        _teller.Show(first);
        _teller.Say("The call has returned: no connection is held open for the person. The question is stored in the database, and nothing has been deployed.");
        var facts = new DemoFacts { First = first, Last = first, UntouchedWhileWaiting = await Untouched().ConfigureAwait(false) };

        if (first.Requests is [var request, ..])
        {
            _teller.Step("The first answer, through resume_thread", "The agent may only propose. What it hears goes into its log, and it proposes again.");
            facts.Last = await Answer(server, facts, request).ConfigureAwait(false);
            _teller.Show(facts.Last);
        }

        _teller.Step("The server is killed", $"kill -9, {(facts.Last.Requests is [] ? "when the thread has ended" : "while the thread waits for an answer")}. The server gets no chance to save anything.");
        facts.KillExitCode = await server.Kill(cancellation).ConfigureAwait(false);
        _teller.Say($"Process {server.ProcessId} is gone (exit code {facts.KillExitCode}).");
        return facts;
    }

    private async Task OnSecondServer(DemoFacts facts)
    {
        var server = await DemoServer.Http(playground.Setup, cancellation).ConfigureAwait(false);
        await using var _ = server.ConfigureAwait(false);
        _teller.Step("Another server, over HTTP", $"Process {server.ProcessId} listens at {server.Address}. All it shares with the first one is the database file.");
        var thread = facts.Last.ThreadId;
        var found = await server.Call("get_thread", cancellation, ("thread_id", thread)).ConfigureAwait(false);
        facts.VersionAcrossServers = (facts.Last.Version, found.Version);
        facts.Last = found;
        _teller.Say($"get_thread shows {thread}: {found.Status}, {found.Version} events, as it was left.");

        while (facts.Last.Requests is [var request, ..])
        {
            _teller.Step(facts.AnswersAfterKill == 0 ? "The thread goes on, where it was left" : "The next answer", facts.AnswersAfterKill == 0
                ? inbox is null ? "resume_thread on the new server answers the question that the old one asked." : "The new server asks what the old one asked, on a page in the browser."
                : "One approval is for one action, exactly as it was shown.");
            _teller.Show(facts.Last);
            facts.Last = await (inbox is null ? Answer(server, facts, request) : InBrowser(inbox, server, facts, request)).ConfigureAwait(false);
            facts.AnswersAfterKill++;
            await ShowProduction().ConfigureAwait(false);
            if (facts.BeforeRepetition is null)
            {
                await Repeat(server, facts).ConfigureAwait(false);
            }
        }

        facts.Last = await server.Call("get_thread", cancellation, ("thread_id", thread), ("include_events", true)).ConfigureAwait(false);
        _teller.Step("The end", "What the agent reports, and what its log says.");
        _teller.Show(facts.Last);
    }

    private async Task<WireThread> Answer(DemoServer server, DemoFacts facts, WireRequest request)
    {
        var answer = await decide(request, cancellation).ConfigureAwait(false);
        facts.Answers.Add(new(request, answer));
        _teller.Told(answer);
        return await Resume(server, facts.Last.ThreadId, request, answer).ConfigureAwait(false);
    }

    private async Task<WireThread> InBrowser(DemoInbox browser, DemoServer server, DemoFacts facts, WireRequest request)
    {
        var answer = await browser.Answer(server, facts.Last.ThreadId, request, decide, _teller.Say, cancellation).ConfigureAwait(false);
        facts.Answers.Add(new(request, answer));
        _teller.Told(answer);
        return await server.Call("wait_thread", cancellation, ("thread_id", facts.Last.ThreadId)).ConfigureAwait(false);
    }

    // A client that lost the reply would do just this.
    private async Task Repeat(DemoServer server, DemoFacts facts)
    {
        _teller.Step("The same answer once more", "As a client does that lost the reply. It must not deploy a second time.");
        facts.BeforeRepetition = await World(facts.Last).ConfigureAwait(false);
        var (request, answer) = (facts.Answers[^1].Request, facts.Answers[^1].Answer);
        facts.AfterRepetition = await World(await Resume(server, facts.Last.ThreadId, request, answer).ConfigureAwait(false)).ConfigureAwait(false);
        _teller.Say($"The thread had {facts.BeforeRepetition.Value.Version} events and has {facts.AfterRepetition.Value.Version}. Nothing ran again.");
    }

    private Task<WireThread> Resume(DemoServer server, string thread, WireRequest request, PersonsAnswer answer) => server.Call(
        "resume_thread", cancellation, ("thread_id", thread), ("request_id", request.Id), ("approved", answer.Approved),
        ("response", answer.Response?.Element()), ("comment", answer.Comment));

    private async Task<(int Version, int Tags, int Switches)> World(WireThread thread) =>
        (thread.Version, (await playground.ProductionTags(cancellation).ConfigureAwait(false)).Count, playground.Switches);

    private async Task<bool> Untouched() =>
        playground is { Serving: Playground.LiveBuild, Switches: 0 } && (await playground.ProductionTags(cancellation).ConfigureAwait(false)).Count == 0;

    private async Task ShowProduction()
    {
        var tags = await playground.ProductionTags(cancellation).ConfigureAwait(false);
        _teller.Say($"Production now, as git and the file system tell it: backend {(tags is [.., var (name, sha)] ? $"{sha[..7]} (tag {name} in the remote)" : "nothing")}, frontend {playground.Serving}.");
    }
}

/// <summary>Who answers: the person at the terminal, or the script.</summary>
internal delegate Task<PersonsAnswer> Decider(WireRequest request, CancellationToken cancellation);
