namespace AgentMcp.Server.Cli.Demo.Pipeline;

/// <summary>The demo of the pipeline as it happens: a commit that goes to production, and one that is taken back.</summary>
internal sealed class PipelineStory(ShopGround ground, ShopService staging, ShopService production, Screen screen, Decider decide, CancellationToken cancellation)
{
    private readonly Narrator _teller = new(screen);

    public async Task<IReadOnlyList<Delivery>> Tell()
    {
        _teller.Step("A shop, and where it runs",
            $"A git repository with a bare remote, a folder of builds, and two services of this program: staging (process {staging.ProcessId}) at {staging.Address}, "
            + $"production (process {production.ProcessId}) at {production.Address}. They serve what is deployed, and nothing else tells this demo what that is.", ground.Folder);
        await ShowProduction().ConfigureAwait(false);
        return
        [
            await Deliver(ShopGround.Good, over: Stdio, then: Http, killWhen: (delivery, _) => delivery.Answers.Count == 1, repeats: true).ConfigureAwait(false),
            await Deliver(ShopGround.Bad, over: Http, then: Stdio, killWhen: (_, request) => request.Action?.Tool == "promote_previous_deployment", repeats: false).ConfigureAwait(false),
        ];
    }

    private Task<DemoServer> Stdio() => DemoServer.Stdio(ground.Setup(staging, production), cancellation);

    private Task<DemoServer> Http() => DemoServer.Http(ground.Setup(staging, production), cancellation);

    /// <param name="killWhen">Where the server is killed, once, before the answer is given.</param>
    private async Task<Delivery> Deliver(string message, Func<Task<DemoServer>> over, Func<Task<DemoServer>> then, Func<Delivery, WireRequest, bool> killWhen, bool repeats)
    {
        var before = await Served.By(production, cancellation).ConfigureAwait(false);
        var sha = await ground.Merge(message, cancellation).ConfigureAwait(false);
        _teller.Step("A commit is merged", $"{sha[..7]} \"{message}\" is on main.");
        var server = await over().ConfigureAwait(false);
        try
        {
            _teller.Step("The client calls the pipeline", $"Over {server.Address}, with the commit {sha[..7]}. The server is process {server.ProcessId}.");
            var delivery = await Begin(server, sha, message, before).ConfigureAwait(false);
            while (delivery.Last.Requests is [var request, ..])
            {
                if (delivery.Killed is null && killWhen(delivery, request))
                {
                    server = await Replace(server, then, delivery).ConfigureAwait(false);
                    request = delivery.Last.Requests[0];
                }

                delivery.Last = await Answer(server, delivery, request).ConfigureAwait(false);
                await ShowProduction().ConfigureAwait(false);
                if (repeats && delivery is { Killed: not null, Repetition: null })
                {
                    await Repeat(server, delivery).ConfigureAwait(false);
                }
            }

            await End(server, delivery).ConfigureAwait(false);
            return delivery;
        }
        finally
        {
            await server.DisposeAsync().ConfigureAwait(false);
        }
    }

    private async Task<Delivery> Begin(DemoServer server, string sha, string message, Served before)
    {
        var first = await Settled(server, await server.Call("pipeline", cancellation, ("commit", sha)).ConfigureAwait(false)).ConfigureAwait(false);
        var (onStaging, inProduction) = (await Served.By(staging, cancellation).ConfigureAwait(false), await Served.By(production, cancellation).ConfigureAwait(false));
        _teller.Say($"Staging has it ({onStaging.Words}) and passed its tests. Production: {(inProduction == before ? "untouched" : inProduction.Words)}.");
        return new()
        {
            Sha = sha,
            Title = message,
            Before = before,
            Last = first,
            AskedBelow = first is { Status: "pending", Requests: [{ Kind: "approval", Path.Count: 2 }, ..] },
            OnStagingOnly = onStaging.Backend == sha && onStaging.Frontend == sha && onStaging.Page.Contains(message, StringComparison.Ordinal) && inProduction == before,
        };
    }

    private async Task<DemoServer> Replace(DemoServer server, Func<Task<DemoServer>> then, Delivery delivery)
    {
        _teller.Show(delivery.Last);
        _teller.Step("The server is killed", "kill -9, while two threads wait: the pipeline for the agent it called, and the agent for a person.");
        var (killed, exitCode) = (server.ProcessId, await server.Kill(cancellation).ConfigureAwait(false));
        var next = await then().ConfigureAwait(false);
        await server.DisposeAsync().ConfigureAwait(false);
        delivery.Killed = (exitCode, next.Address.StartsWith("http", StringComparison.Ordinal) ? "HTTP" : "stdio");
        var found = await next.Call("get_thread", cancellation, ("thread_id", delivery.Last.ThreadId)).ConfigureAwait(false);
        delivery.AcrossServers = (Stand(delivery.Last), Stand(found));
        delivery.Last = found;
        _teller.Say($"Process {killed} is gone (exit code {exitCode}). Process {next.ProcessId} serves {next.Address} and finds the thread as it was left.");
        return next;
    }

    private async Task<WireThread> Answer(DemoServer server, Delivery delivery, WireRequest request)
    {
        var asking = await server.Call("get_thread", cancellation, ("thread_id", request.Path![^1])).ConfigureAwait(false);
        _teller.Step(request.Path is [_] ? "The pipeline asks" : $"{asking.Agent} asks, in a thread of its own", asking.Agent == "rollback"
            ? "Tests of production failed, so the pipeline called it, with what was deployed, what was there before, and which tests failed."
            : "The client answers at the pipeline's thread_id, with the id of the request.");
        _teller.Show(delivery.Last);
        var answer = await decide(request, cancellation).ConfigureAwait(false);
        delivery.Answers.Add(new(request, answer));
        _teller.Told(answer);
        return await Resume(server, delivery, delivery.Answers[^1]).ConfigureAwait(false);
    }

    private async Task Repeat(DemoServer server, Delivery delivery)
    {
        var before = await World(server, delivery).ConfigureAwait(false);
        delivery.Last = await Resume(server, delivery, delivery.Answers[^1]).ConfigureAwait(false);
        delivery.Repetition = (before, await World(server, delivery).ConfigureAwait(false));
        _teller.Say("The same answer was sent once more, as by a client that lost the reply. Nothing ran again.");
    }

    private async Task<WireThread> Resume(DemoServer server, Delivery delivery, GivenAnswer given) => await Settled(server, await server.Call(
        "resume_thread", cancellation, ("thread_id", delivery.Last.ThreadId), ("request_id", given.Request.Id), ("approved", given.Answer.Approved),
        ("response", given.Answer.Response?.Element()), ("comment", given.Answer.Comment)).ConfigureAwait(false)).ConfigureAwait(false);

    private async Task<WireThread> Settled(DemoServer server, WireThread thread)
    {
        while (thread.Status == "running")
        {
            thread = await server.Call("wait_thread", cancellation, ("thread_id", thread.ThreadId)).ConfigureAwait(false);
        }

        return thread;
    }

    private async Task End(DemoServer server, Delivery delivery)
    {
        foreach (var thread in delivery.Answers.SelectMany(given => given.Request.Path ?? []).Prepend(delivery.Last.ThreadId).Distinct().ToList())
        {
            delivery.Threads.Add(await server.Call("get_thread", cancellation, ("thread_id", thread), ("include_events", true)).ConfigureAwait(false));
        }

        delivery.Last = delivery.Threads[0];
        delivery.After = await Served.By(production, cancellation).ConfigureAwait(false);
        _teller.Step($"The pipeline has ended: {delivery.Outcome}", $"Its log has {delivery.Last.Version} events, those of the agents it called {string.Join(" and ", delivery.Threads.Skip(1).Select(thread => $"{thread.Version} ({thread.Agent})"))}.");
        _teller.Show(delivery.Last);
        await ShowProduction().ConfigureAwait(false);
    }

    private async Task<Delivery.World> World(DemoServer server, Delivery delivery)
    {
        var root = await server.Call("get_thread", cancellation, ("thread_id", delivery.Last.ThreadId)).ConfigureAwait(false);
        var asked = await server.Call("get_thread", cancellation, ("thread_id", delivery.Answers[^1].Request.Path![^1])).ConfigureAwait(false);
        return new(root.Version, asked.Version, (await ground.ProductionTags(cancellation).ConfigureAwait(false)).Count, ground.Switches);
    }

    private static (int, string?) Stand(WireThread thread) => (thread.Version, thread.Requests is [var open, ..] ? open.Id : null);

    private async Task ShowProduction() => _teller.Say($"Production serves {(await Served.By(production, cancellation).ConfigureAwait(false)).Words}.");
}
