using AgentMcp.Agents;
using AgentMcp.Agents.Tools;
using AgentMcp.Noisy;
using AgentMcp.Server;
using AgentMcp.State.Json;

// A program of somebody's own whose code prints wherever it can, for tests of what reaches standard output.
return await AgentMcpApp.Run(args, app => app.Add(new Microagent(
    "noisy", "Prints while it works.", Microagent.MessageSchema, Microagent.MessageSchema, "You are noisy.",
    [MethodTool.Of("shout", "Print.", Effect.Effectful, Noise.Shout) with { Route = Route.Run }, StandardIntents.DoneForNow(Microagent.MessageSchema)],
    new Limits(),
    Rules: log => log.Events.Count < 2 ? """{"intent":"shout"}""" : """{"intent":"done_for_now","message":"It was loud."}""")));
