using AgentMcp.Agents.Files;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Models;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;
using static AgentMcp.Agents.Tests.Monorepo;

namespace AgentMcp.Agents.Tests;

/// <summary>The whole of it on a real repository: the loop, a database, the rules, real pushes.</summary>
public sealed class Deploybot_golden_trace : IDisposable
{
    private static readonly Responder Mia = new("mia", "stdio");
    private readonly Monorepo _repo = new();

    public void Dispose() => _repo.Dispose();

    [Fact, Trait("Accepts", "D.2"), Trait("Accepts", "F13.1")]
    public async Task Frontend_rejected_backend_approved_frontend_approved_done()
    {
        var first = _repo.Commit("Add search");
        var second = _repo.Commit("Fix login");
        _repo.DeployedElsewhere("prod-20260131-110000-first", first);
        _repo.Release("dpl_0", first);
        _repo.Release("dpl_1", second, minute: 1);
        _repo.Serve("dpl_0");
        var untouched = _repo.RemoteRefs;
        using var database = new TemporaryDatabase();
        var (host, runner) = database.Host(_repo);
        using var running = runner;

        var id = await host.Start("deploybot", JsonText.Parse("""{"message":"deploy the latest commit to production"}"""), Mia);
        Assert.Equal($"Promote deployment dpl_1 ({second[..7]}) to frontend production (now dpl_0, {first[..7]})?", await Asked());
        await host.Answer(id, Mia, null, false, null, "deploy the backend first");
        Assert.Equal($"Deploy {second[..7]} to backend production (now {first[..7]})?", await Asked());
        Assert.Equal((untouched, "dpl_0"), (_repo.RemoteRefs, _repo.Served));

        _repo.Commit("Pushed while the question was open");
        await host.Answer(id, Mia, null, true, null, null);
        Assert.Equal($"Promote deployment dpl_1 ({second[..7]}) to frontend production (now dpl_0, {first[..7]})?", await Asked());
        Assert.Equal($"{untouched}\nrefs/tags/prod-20260201-120000-{second[..7]} {second}", _repo.RemoteRefs);
        Assert.Equal("dpl_0", _repo.Served);
        await host.Answer(id, Mia, null, true, null, null);

        var log = await host.Wait(id, "mia", TimeSpan.FromMinutes(1), Stop);
        Assert.Equal("dpl_1", _repo.Served);
        Assert.Equal(
            $$"""{"message":"Backend: deployed {{second[..7]}} with tag prod-20260201-120000-{{second[..7]}}.\nFrontend: promoted dpl_1 (built from {{second[..7]}}). https://web.example/dpl_1"}""",
            ((State.Threads.ThreadState.Completed)log.Thread.State).Output.Text);
        Assert.Equal(
            """
            ThreadStarted
            fetched list_git_commits
            fetched list_vercel_deployments
            promote_vercel_deployment
            RequestOpened
            False deploy the backend first
            tag_push_prod
            RequestOpened
            True
            ToolStarted
            ToolReturned
            fetched list_git_commits
            fetched list_vercel_deployments
            promote_vercel_deployment
            RequestOpened
            True
            ToolStarted
            ToolReturned
            fetched list_git_commits
            fetched list_vercel_deployments
            done_for_now
            ThreadCompleted
            """,
            string.Join("\n", log.Events.Select(happened => happened switch
            {
                StepChosen e => e.Intent,
                Fetched e => $"fetched {e.Intent}",
                RequestAnswered e => $"{e.Approved} {e.Comment}".TrimEnd(),
                _ => happened.GetType().Name,
            })));

        async Task<string> Asked() =>
            (await host.Wait(id, "mia", TimeSpan.FromMinutes(1), Stop)).Thread.OpenRequests.Single().Asked.Question;
    }

    [Fact, Trait("Accepts", "R.1")]
    public async Task A_deploy_by_somebody_else_while_the_question_is_open_asks_again()
    {
        var first = _repo.Commit("Add search");
        var second = _repo.Commit("Fix login");
        var third = _repo.Commit("Newer still");
        _repo.DeployedElsewhere("prod-20260131-110000-first", first);
        using var database = new TemporaryDatabase();
        var (host, runner) = database.Host(_repo);
        using var running = runner;
        var id = await host.Start("deploybot", JsonText.Parse("""{"message":"deploy the backend"}"""), Mia);
        await host.Wait(id, "mia", TimeSpan.FromMinutes(1), Stop);

        _repo.DeployedElsewhere("prod-20260131-120000-second", second);
        var before = _repo.RemoteRefs;
        await host.Answer(id, Mia, null, true, null, null);
        var log = await host.Wait(id, "mia", TimeSpan.FromMinutes(1), Stop);

        Assert.Equal(
            $"Things changed since this was approved. Deploy {third[..7]} to backend production (now {second[..7]})?", log.Thread.OpenRequests.Single().Asked.Question);
        Assert.Equal(before, _repo.RemoteRefs);
    }

    private sealed class RulesAlone : IModel
    {
        public string Name => "rules";

        public Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation) =>
            Task.FromResult<ModelReply>(new ModelReply.Said(turn.Agent.Rules!(turn.Log)));
    }

    private sealed class TemporaryDatabase : IDisposable
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("deploybot-db-").FullName;
        private readonly Owner _owner;
        private readonly ThreadStore _store;
        private readonly Database _database;

        public TemporaryDatabase()
        {
            _database = Database.Open(Path.Combine(_folder, "threads.db"));
            _owner = new(_database);
            _store = new(_database, _owner);
        }

        public (AgentHost Host, ThreadRunner Runner) Host(Monorepo repo)
        {
            var tools = Microagents.Deploybot.Deploybot.Tools(repo.Target).ToDictionary(tool => tool.Name);
            var file = Directory.EnumerateFiles(AppContext.BaseDirectory, "deploybot.agent.md", SearchOption.AllDirectories).First();
            var catalog = new MicroagentCatalog([AgentFile.Read(file, tools, DeploybotRules.Next)]);
            var index = new ThreadIndex(_database);
            var runner = new ThreadRunner(
                _store, index, new AgentLoop(_store, repo.Clock), catalog, _ => new RulesAlone(), repo.Clock, NullLogger<ThreadRunner>.Instance);
            return (new(_store, index, runner, catalog, repo.Clock), runner);
        }

        public void Dispose()
        {
            _store.Dispose();
            _owner.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
    }
}
