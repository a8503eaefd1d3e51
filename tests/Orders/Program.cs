using AgentMcp.Agents;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Microagents.Calculator;
using AgentMcp.Agents.Tools;
using AgentMcp.Agents.Workflows;
using AgentMcp.Orders;
using AgentMcp.Server;
using AgentMcp.State.Threads;

// A program of somebody's own whose workflows ask, for tests of what people say to them.
var errand = Workflow.Of<Spoken, Spoken>("errand", "Asks once.", "1", async (run, said) => new($"{said.Message}, {await run.Ask("Anything to add?")}"));
return await AgentMcpApp.Run(args, app => More(app
    .AddTools(Calculator.Tools)
    .Add(errand)
    .Add(Workflow.Of<Ordered, Spoken>("order", "Takes more than words, and asks once.", "1", async (run, order) => new($"{order.Item}, {await run.Ask("Anything to add?")}")))
    .Add(Workflow.Of("shirt", "Asks two things at once, beside a wait.", Microagent.MessageSchema, Microagent.MessageSchema, "1", async (run, _) => Spoken.Json(string.Join(" and ",
        await run.All(() => run.Ask("Which colour?"), () => run.Ask("Which size?"), () => Shirts.Later(run))))))
    .Add(new Microagent("clerk", "Runs two errands, one after the other.", Microagent.MessageSchema, Microagent.MessageSchema, "You are clerk.",
        [AgentAsTool.Of(errand), StandardIntents.DoneForNow(Microagent.MessageSchema)], new Limits(),
        Rules: log => log.Events.OfType<ToolReturned>().Count() switch
        {
            0 => """{"intent":"errand","message":"milk"}""",
            1 => """{"intent":"errand","message":"bread"}""",
            _ => """{"intent":"done_for_now","message":"Both are done."}""",
        }))));

// An agent of a file besides, which may be broken, or not there, or be one that is there already.
static void More(AgentMcpApp app)
{
    if (Environment.GetEnvironmentVariable("ORDERS_MORE") is { } file)
    {
        app.Add(AgentFile.Read(file, Calculator.Tools.ToDictionary(tool => tool.Name)));
    }
}
