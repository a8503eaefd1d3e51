using AgentMcp.Agents;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Json;

namespace AgentMcp.Faults.Victim;

/// <summary>A workflow with everything a workflow can do: software of each effect, an agent, a person, branches, a wait.</summary>
internal static class Errands
{
    public const string Name = "errand";
    private const string Stamp = "ledger.stamp";
    private const string There = "depot.worker";

    public static Microagent Workflow(Outside world) => Agents.Workflows.Workflow.Of<Errand, Done>(Name, "Runs an errand.", "1", async (run, errand) =>
    {
        await run.Step("look", Effect.ReadOnly, (_, stop) => world.Look(stop), attempts: int.MaxValue);
        await run.Step("put", Effect.Idempotent, (call, stop) => world.Post("put", call, stop), attempts: int.MaxValue);
        await run.All(
            () => run.Agent("worker", new { message = errand.Script }),
            async () => JsonText.Of(await run.Ask($"Anything about {errand.Item}?")),
            async () => await run.Step("post", Effect.Effectful, (call, stop) => world.Post("post", call, stop)));
        var leave = await run.Approve("leave", new { errand.Item }, $"Write {errand.Item}?");
        if (leave.Approved)
        {
            await run.Sleep(TimeSpan.FromSeconds(1));
            await run.Step("write", Effect.Effectful, (call, _) => world.Write(call));
        }

        return new(leave.Approved ? "written" : "left");
    });

    /// <summary>A workflow that uses a tool of another MCP server, which is asked about first, and does something itself before and after.</summary>
    public static Microagent Courier(Outside world) => Agents.Workflows.Workflow.With(
        Agents.Workflows.Workflow.Of<Errand, Done>("courier", "Has something stamped.", "1", async (run, errand) =>
        {
            await run.Step("post", Effect.Effectful, (call, stop) => world.Post("post", call, stop));
            try
            {
                await run.Tool(Stamp, new { item = errand.Item });
            }
            catch (StepFailedException)
            {
                return new("refused");
            }

            await run.Step("push", Effect.Effectful, world.Push);
            return new("stamped");
        }), Stamp, tool => tool with { Effect = Effect.Idempotent, Attempts = int.MaxValue });

    /// <summary>A workflow that has something done by a server it starts itself, which must not be done twice, and which may die of it.</summary>
    public static Microagent Mason(Outside world) => Agents.Workflows.Workflow.With(
        Agents.Workflows.Workflow.Of<Errand, Done>("mason", "Has something engraved.", "1", async (run, errand) =>
        {
            try
            {
                await run.Tool(Engraver.Tool, new { item = errand.Item });
            }
            catch (StepFailedException)
            {
                return new("nobody was there");
            }

            await run.Step("write", Effect.Effectful, (call, _) => world.Write(call));
            return new("engraved");
        }), Engraver.Tool, tool => tool with { Effect = Effect.Effectful, Route = Route.Run });

    /// <summary>A workflow that calls an agent of another AgentMcp server, which is killed too.</summary>
    public static Microagent Envoy(Outside world) => Agents.Workflows.Workflow.With(
        Agents.Workflows.Workflow.Of<Errand, Done>("envoy", "Has something done elsewhere.", "1", async (run, errand) =>
        {
            await run.Step("post", Effect.Effectful, (call, stop) => world.Post("post", call, stop));
            try
            {
                await run.Tool(There, new { message = errand.Script });
            }
            catch (StepFailedException)
            {
                return new("nobody was there");
            }

            await run.Step("push", Effect.Effectful, world.Push);
            return new("done there");
        }), There, tool => tool with { Route = Route.Run });

    /// <param name="Script">What the worker plays beside the person and the step.</param>
    public sealed record Errand(string Item, string Script);

    public sealed record Done(string What);
}
