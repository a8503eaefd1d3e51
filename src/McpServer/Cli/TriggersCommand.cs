using System.CommandLine;
using AgentMcp.Agents;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Cli;

/// <summary>What starts agents besides calls: the triggers, the schedules, and what came of the latest messages.</summary>
internal static class TriggersCommand
{
    private const int MostMessages = 20;

    public static Command Create()
    {
        var command = new Command("triggers", "List what starts agents besides calls: triggers, schedules, and the latest messages that came in.");
        command.OnCore((core, screen, _, _) =>
        {
            var schedules = Schedules(core);
            var arrivals = core.Triggers.Arrivals.Latest(MostMessages);
            if (screen.WantsJson)
            {
                Screen.Json(Json(core, schedules, arrivals));
                return Task.FromResult(ExitCode.Done);
            }

            screen.Table(["TRIGGER", "TYPE", "STARTS", "ADDRESS"],
                [.. core.Settings.Triggers.Select(trigger => new[] { trigger.Name, trigger.Type, string.Join(", ", trigger.Starts), $"/triggers/{trigger.Name}" })]);
            screen.Table(["SCHEDULE", "NEXT", "LATEST", "THREAD"], [.. schedules.Select(one => new[] { one.Agent, one.Next ?? "never", one.Latest ?? "-", one.Thread ?? "-" })]);
            screen.Table(["CAME", "THROUGH", "STATE", "THREAD"],
                [.. arrivals.Select(one => new[] { $"{one.At:yyyy-MM-dd HH:mm:ss}Z", one.Source, one.State, one.ThreadId ?? one.Error ?? "-" })]);
            return Task.FromResult(ExitCode.Done);
        });
        Help.Of(command, "agentmcp triggers", "agentmcp triggers --json");
        return command;
    }

    private static List<Scheduled> Schedules(Core core)
    {
        var plans = core.Schedules.All().ToDictionary(plan => plan.Agent);
        var now = core.Clock.GetUtcNow();
        return [.. core.Catalog.All.Where(agent => agent.Schedule is not null).Select(agent => Of(agent, plans.GetValueOrDefault(agent.Name)))];

        Scheduled Of(Microagent agent, State.Sqlite.Planned? plan)
        {
            var schedule = agent.Schedule!;
            // What is planned may be due already, when no server runs.
            var next = plan?.Expression == schedule.Expression ? plan.Due : schedule.After(now);
            return new(agent.Name, next is { } due ? schedule.Local(due) : null, plan?.FiredFor is { } fired ? schedule.Local(fired) : null, plan?.ThreadId);
        }
    }

    private static JsonText Json(Core core, List<Scheduled> schedules, IReadOnlyList<State.Sqlite.ArrivalRow> arrivals) => JsonText.Write(json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("triggers");
        foreach (var trigger in core.Settings.Triggers)
        {
            json.WriteStartObject();
            json.WriteString("name", trigger.Name);
            json.WriteString("type", trigger.Type);
            json.WriteStartArray("starts");
            foreach (var agent in trigger.Starts)
            {
                json.WriteStringValue(agent);
            }

            json.WriteEndArray();
            json.WriteString("path", $"/triggers/{trigger.Name}");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("schedules");
        foreach (var one in schedules)
        {
            json.WriteStartObject();
            json.WriteString("agent", one.Agent);
            json.WriteString("next", one.Next);
            json.WriteString("latest", one.Latest);
            json.WriteString("thread_id", one.Thread);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteStartArray("messages");
        foreach (var one in arrivals)
        {
            json.WriteStartObject();
            json.WriteString("at", one.At);
            json.WriteString("trigger", one.Source);
            json.WriteString("id", one.Id);
            json.WriteString("state", one.State);
            json.WriteString("thread_id", one.ThreadId);
            json.WriteString("error", one.Error);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private sealed record Scheduled(string Agent, string? Next, string? Latest, string? Thread);
}
