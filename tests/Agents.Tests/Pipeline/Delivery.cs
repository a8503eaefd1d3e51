using AgentMcp.Agents.Files;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tests.Rollback;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Pipeline;

/// <summary>The pipeline at work on the shop: real git, real HTTP, the agents on their rules, one commit in production.</summary>
internal sealed class Delivery : IAsyncDisposable
{
    /// <param name="hasChecks">Whether the commit that is live to begin with brings tests.</param>
    public Delivery(TimeSpan? settle = null, bool hasChecks = true)
    {
        Live = hasChecks ? Shop.Merge("Open the shop") : Shop.Merge("Open the shop", checks: null);
        Shop.Repo.DeployedElsewhere("prod-20260131-110000-live", Live);
        Shop.Repo.Release($"dpl_{Live[..7]}", Live);
        Shop.Repo.Serve($"dpl_{Live[..7]}");
        File.WriteAllText(Path.Combine(Shop.Repo.Releases, $"dpl_{Live[..7]}", "index.html"), "<h1>Open the shop</h1>");
        Bench = new(AgentsOf(Shop, settle), new RulesModel());
    }

    public Shop Shop { get; } = new();

    /// <summary>What is in production to begin with.</summary>
    public string Live { get; }

    public AgentBench Bench { get; set; }

    public static IReadOnlyList<Microagent> AgentsOf(Shop shop, TimeSpan? settle = null)
    {
        var tools = Microagents.Deploybot.Deploybot.Tools(shop.Repo.Target).ToDictionary(tool => tool.Name);
        var deploybot = Path.Combine(AppContext.BaseDirectory, "Microagents", "Deploybot", "deploybot.agent.md");
        return [Microagents.Pipeline.Pipeline.Of(shop.WorldWith(settle)), AgentFile.Read(deploybot, tools, DeploybotRules.Next), RolledBack.AgentOf(shop.Repo)];
    }

    public async Task<ThreadLog> Run(string commit = "latest")
    {
        var started = await Bench.Host.Start("pipeline", JsonText.Parse($$"""{"commit":"{{commit}}"}"""), AgentBench.Me);
        return await Bench.SettleTree(started);
    }

    /// <summary>Answers at the root what is asked anywhere below it.</summary>
    public async Task<ThreadLog> Answer(ThreadLog root, bool? approved = null, string? response = null, string? comment = null)
    {
        await Bench.Host.Answer(root.Thread.Id, AgentBench.Me, null, approved, response is null ? null : JsonText.Of(response), comment);
        return await Bench.SettleTree(root.Thread.Id);
    }

    /// <summary>The question that is open, wherever below the root.</summary>
    public string Asked(ThreadLog root) => Asking(root).Thread.OpenRequests.Single().Asked.Question;

    /// <summary>The thread that asks.</summary>
    public ThreadLog Asking(ThreadLog root) => Bench.Host.Chain(root)[^1];

    public async ValueTask DisposeAsync()
    {
        await Bench.DisposeAsync();
        Shop.Dispose();
    }
}
