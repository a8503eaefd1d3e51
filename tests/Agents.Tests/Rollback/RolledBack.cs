using AgentMcp.Agents.Files;
using AgentMcp.Agents.Microagents.Rollback;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Tests.Rollback;

/// <summary>A repository in which a bad commit is live and the one before it was, and the agent that takes it back.</summary>
internal sealed class RolledBack : IDisposable
{
    public RolledBack()
    {
        Good = Repo.Commit("Add search");
        Bad = Repo.Commit("Break login");
        Repo.DeployedElsewhere("prod-20260131-110000-good", Good);
        Repo.DeployedElsewhere("prod-20260131-120000-bad", Bad);
        Repo.Release("dpl_0", Good, message: "Add search");
        Repo.Release("dpl_1", Bad, minute: 1, message: "Break login");
        Repo.Serve("dpl_1");
    }

    public Monorepo Repo { get; } = new();

    public string Good { get; }

    public string Bad { get; }

    public Microagent Agent => AgentOf(Repo);

    public RollbackFacts Facts => new(Bad, new(new(Bad), new("dpl_1", Bad)), new(new(Good), new("dpl_0", Good)), [new("GET /login", "expected 200, got 500")]);

    public static Microagent AgentOf(Monorepo repo) => AgentFile.Read(
        Path.Combine(AppContext.BaseDirectory, "Microagents", "Rollback", "rollback.agent.md"),
        Microagents.Rollback.Rollback.Tools(repo.Target).Concat(Microagents.Deploybot.Deploybot.Tools(repo.Target)).ToDictionary(tool => tool.Name), RollbackRules.Next);

    public JsonText Input(Func<RollbackFacts, RollbackFacts>? change = null) => (change is null ? Facts : change(Facts)).ToJson();

    public void Dispose() => Repo.Dispose();
}
