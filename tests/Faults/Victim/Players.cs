using System.Text.Json.Nodes;
using AgentMcp.Agents;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Faults.Victim;

/// <summary>
/// Agents that play the script they are given as their message, a step a line: the name of a tool and its argument.
/// chief can call boss, boss can call worker; apart from that they are the same. thinker's steps come from a model that is
/// asked over HTTP.
/// </summary>
internal static class Players
{
    public static IEnumerable<Microagent> All(Outside world)
    {
        var worker = Player("worker", world);
        var boss = Player("boss", world, worker);
        return [worker, boss, Player("chief", world, boss), Player("thinker", world) with { Model = "openai:played", Rules = null }];
    }

    private static Microagent Player(string name, Outside world, params Microagent[] below) => new(
        name, "Plays a script.", Microagent.MessageSchema, Microagent.MessageSchema, $"You are {name}.",
        [.. Tools(world), .. below.Select(AgentAsTool.Of), .. StandardIntents.All(Microagent.MessageSchema)], new Limits(Steps: 60), Rules: Next);

    private static IEnumerable<Tool> Tools(Outside world) =>
    [
        Of("look", Effect.ReadOnly, async (_, cancellation) => JsonText.Of(await world.Look(cancellation))),
        Of("put", Effect.Idempotent, (call, cancellation) => world.Post("put", call, cancellation)),
        Of("post", Effect.Effectful, (call, cancellation) => world.Post("post", call, cancellation)),
        Of("write", Effect.Effectful, (call, _) => world.Write(call)),
        Of("push", Effect.Effectful, world.Push),
        Of("pay", Effect.Effectful, (call, cancellation) => world.Post("pay", call, cancellation)) with { Route = Route.Approve, MayChange = true },
    ];

    private static Tool Of(string name, Effect effect, Func<ToolCall, CancellationToken, Task<JsonText>> run) => new(
        name, $"Does {name}.", Microagent.MessageSchema, effect, async (call, cancellation) => new ToolOutcome.Returned(await run(call, cancellation)))
    {
        // A call may be killed as often as the sweep likes.
        Attempts = int.MaxValue,
    };

    // The log alone decides: as many steps as were chosen are done, whatever became of them.
    private static string Next(ThreadLog log)
    {
        var script = JsonNode.Parse(log.Thread.Start.Input.Text)!["message"]!.GetValue<string>().Split('\n');
        var done = log.Events.Count(happened => happened is StepChosen);
        if (done >= script.Length)
        {
            return Step("done_for_now", $"played {script.Length} steps");
        }

        var (intent, words) = (script[done].Split(' ')[0], string.Join(' ', script[done].Split(' ').Skip(1)));
        return intent switch
        {
            "ask" => Step("request_more_information", words),
            "wait" => """{"intent":"await","seconds":1}""",
            // The script of whoever is called has its lines in one.
            "boss" => Step(intent, words.Replace(" / ", "\n", StringComparison.Ordinal)),
            "worker" => Step(intent, words.Replace(" ; ", "\n", StringComparison.Ordinal)),
            _ => Step(intent, words),
        };
    }

    private static string Step(string intent, string message) => new JsonObject { ["intent"] = intent, ["message"] = message }.ToJsonString();
}
