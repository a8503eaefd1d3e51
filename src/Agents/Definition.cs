using System.Security.Cryptography;
using System.Text;
using AgentMcp.Agents.Context;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>
/// What an agent was when a thread began, as it is stored: everything a prompt and a policy depend on. A thread keeps
/// it for life; only the code of the tools is the running program's.
/// </summary>
public static class Definition
{
    public static (string Hash, JsonText Json) Of(Microagent agent)
    {
        var json = JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("name", agent.Name);
            writer.WriteString("description", agent.Description);
            writer.WritePropertyName("input");
            writer.WriteRawValue(agent.Input.Text);
            writer.WritePropertyName("output");
            writer.WriteRawValue(agent.Output.Text);
            writer.WriteString("prompt", agent.Prompt);
            writer.WriteString("model", agent.Model);
            if (agent.Flow is { } flow)
            {
                writer.WriteString("workflow", flow.Version);
            }

            WritePolicy(writer, agent.People);
            writer.WriteStartObject("limits");
            writer.WriteNumber("steps", agent.Limits.Steps);
            writer.WriteNumber("errors_in_row", agent.Limits.ErrorsInRow);
            writer.WriteNumber("tool_output", agent.Limits.ToolOutput);
            if (agent.Limits.Tokens is { } tokens)
            {
                writer.WriteNumber("tokens", tokens);
            }

            // Left out as it was before there were such limits, so that a definition keeps its hash.
            if (agent.Limits.Depth != Limits.DefaultDepth)
            {
                writer.WriteNumber("depth", agent.Limits.Depth);
            }

            LimitMembers.Write(writer, agent.Limits);
            writer.WriteEndObject();
            writer.WriteStartArray("intents");
            foreach (var intent in agent.Intents)
            {
                writer.WriteStartObject();
                writer.WriteString("name", intent.Name);
                writer.WriteString("description", intent.Description);
                writer.WritePropertyName("arguments");
                writer.WriteRawValue(intent.Arguments.Text);
                if (intent is Tool tool)
                {
                    writer.WriteString("effect", WireName.Of(tool.Effect));
                    writer.WriteString("route", WireName.Of(tool.Route));
                    WritePolicy(writer, tool.People);
                    if (tool.MayChange)
                    {
                        writer.WriteBoolean("may_change", true);
                    }

                    ServerToolJson.Write(writer, tool.From);
                }

                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            ContextDefinition.Write(writer, agent.Context);
            writer.WriteEndObject();
        });
        return ("sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(json.Text))), json);
    }

    /// <summary>The agent as it was, run by today's code. A tool that is gone keeps its place; calling it fails clearly.</summary>
    public static Microagent Restore(JsonText stored, Microagent today, IToolServers? servers = null)
    {
        var was = stored.Element();
        var limits = was.GetProperty("limits");
        return today with
        {
            Description = was.GetProperty("description").GetString()!,
            Input = JsonText.From(was.GetProperty("input")),
            Output = JsonText.From(was.GetProperty("output")),
            Prompt = was.GetProperty("prompt").GetString()!,
            Model = was.GetProperty("model").GetString(),
            People = Policy(was, today.People),
            Context = ContextDefinition.Read(was, today.Context),
            Limits = new Limits(limits.GetProperty("steps").GetInt32(), limits.GetProperty("errors_in_row").GetInt32(),
                limits.TryGetProperty("tokens", out var tokens) ? tokens.GetInt64() : null, limits.GetProperty("tool_output").GetInt32(),
                limits.TryGetProperty("depth", out var depth) ? depth.GetInt32() : Limits.DefaultDepth).And(limits),
            Intents = [.. was.GetProperty("intents").EnumerateArray().Select(intent => Restore(intent, today, JsonText.From(was.GetProperty("output")), servers))],
        };
    }

    private static Intent Restore(System.Text.Json.JsonElement was, Microagent today, JsonText output, IToolServers? servers)
    {
        var name = was.GetProperty("name").GetString()!;
        var intent = ServerToolJson.Recall(was, today, servers) ?? today.Find(name) ?? StandardIntents.All(output).FirstOrDefault(standard => standard.Name == name) ?? new Tool(name, "", default,
            was.TryGetProperty("effect", out var effect) ? Parse<Effect>(effect.GetString()!) : Effect.Effectful,
            (_, _) => throw ServerToolJson.Gone(name, today.Name))
        {
            IsGone = true,
        };
        intent = intent with { Description = was.GetProperty("description").GetString()!, Arguments = JsonText.From(was.GetProperty("arguments")) };
        return intent is Tool tool && was.TryGetProperty("route", out var route)
            ? tool with
            {
                // A gate that was tightened since holds for threads that run already; one that was loosened does not.
                Route = (Route)Math.Max((int)tool.Route, (int)Parse<Route>(route.GetString()!)),
                People = Policy(was, tool.People),
                MayChange = tool.MayChange && was.TryGetProperty("may_change", out _),
            }
            : intent;
    }

    // Only who may answer is part of what a thread keeps; how people are reached is today's business.
    private static void WritePolicy(System.Text.Json.Utf8JsonWriter writer, PeoplePolicy people)
    {
        writer.WriteString("answerable_by", WireName.Of(people.AnswerableBy));
        if (people.Responders is { } responders)
        {
            writer.WriteString("responders", string.Join('\n', responders));
        }
    }

    private static PeoplePolicy Policy(System.Text.Json.JsonElement was, PeoplePolicy today) => today with
    {
        AnswerableBy = Turn.Strictest(today.AnswerableBy, Parse<AnswerableBy>(was.GetProperty("answerable_by").GetString()!)),
        Responders = today.Responders ?? (was.TryGetProperty("responders", out var stored) ? stored.GetString()!.Split('\n') : null),
    };

    private static T Parse<T>(string name)
        where T : struct, Enum => Enum.Parse<T>(name.Replace("_", "", StringComparison.Ordinal), ignoreCase: true);
}
