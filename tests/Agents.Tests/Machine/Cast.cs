using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Tests.Machine;

/// <summary>
/// The agents of one server: boss and aide are played by rules, so that they run ahead; clerk and worker by a model, so
/// that what changes something is stored at once; flow is a workflow. Each can do everything, and boss, clerk and flow can call.
/// </summary>
internal static class Cast
{
    public static Microagent[] Of(Server server, Town town)
    {
        var (worker, aide) = (Agent("worker", server, town), Agent("aide", server, town) with { Rules = Script.Next });
        return [worker, aide, Agent("clerk", server, town, worker, aide), Agent("boss", server, town, worker, aide) with { Rules = Script.Next }, Flow(server, town)];
    }

    private static Microagent Agent(string name, Server server, Town town, params Microagent[] below) => new(
        name, $"Is {name}.", Microagent.MessageSchema, Microagent.MessageSchema, $"You are {name}.",
        [.. Tools(server, town), .. below.Select(AgentAsTool.Of), .. StandardIntents.All(Microagent.MessageSchema)], new Limits(Steps: 60));

    private static IEnumerable<Tool> Tools(Server server, Town town) =>
        new[] { "look", "store", "slow_store", "pay", "slow_pay", "deaf_pay", "deploy" }.Select(name => new Tool(name, $"Does {name}.", TestAgents.OneItem, EffectOf(name),
            async (call, cancellation) => new ToolOutcome.Returned(JsonText.Of(await Do(name, server, town, call, cancellation))))
        {
            Route = name == "deploy" ? Route.Approve : Route.Run,
            Attempts = int.MaxValue,
        });

    private static async Task<string> Do(string name, Server server, Town town, ToolCall call, CancellationToken cancellation)
    {
        if (name is "slow_store" or "slow_pay" or "deaf_pay")
        {
            await server.Hold(call, name == "deaf_pay" ? CancellationToken.None : cancellation);
        }

        server.MustLive();
        return name == "look" ? "seen" : town.Do(server, call);
    }

    private static Effect EffectOf(string name) => name switch
    {
        "look" => Effect.ReadOnly,
        "store" or "slow_store" => Effect.Idempotent,
        _ => Effect.Effectful,
    };

    private static Microagent Flow(Server server, Town town) => Workflow.Of("flow", "Does branches.", Microagent.MessageSchema, JsonText.Parse("""{"type":"string"}"""), "1", async (run, input) =>
    {
        var branches = input.Element().GetProperty("message").GetString()!.Split('#')[0].Split('|');
        await run.All(branches.Select<string, Func<Task>>(branch => async () =>
        {
            foreach (var step in Script.Steps(branch))
            {
                try
                {
                    await Do(run, step, server, town);
                }
                catch (StepFailedException)
                {
                    // Skipped, or turned down below: the branch goes on without it.
                    continue;
                }
            }
        }));
        return JsonText.Of("done");
    });

    private static Task Do(Run run, string step, Server server, Town town)
    {
        var name = Script.Intent(step);
        return step[0] switch
        {
            'z' => run.Sleep(TimeSpan.FromSeconds(30)),
            'q' => run.Ask("What of it?"),
            '(' or '[' => run.Agent(name, new { message = step[1..^1] }),
            'g' => Deploy(),
            _ => Step(),
        };

        Task Step() => run.Step(name, EffectOf(name), (call, cancellation) => Do(name, server, town, call, cancellation), attempts: int.MaxValue);

        async Task Deploy()
        {
            if ((await run.Approve("leave", new { step }, "Deploy?")).Approved)
            {
                await Step();
            }
        }
    }
}
