using System.Text.Json;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Prompting;

/// <summary>
/// Reply to step: read leniently once, then checked strictly. Whatever the reply is, what comes out is a command; a
/// reply that is no step becomes a rejected one that says what was wrong. Pure.
/// </summary>
public static class StepReader
{
    private const int KeptReply = 500;

    public static ThreadCommand Read(Microagent agent, string reply, string model, Usage? usage, DateTimeOffset at)
    {
        var (step, problem) = Understand(agent, reply);
        return step is var (intent, arguments)
            ? new ChooseStep(at, intent, arguments, model, usage)
            : new RejectStep(at, problem!, model, ErrorText.Cut(reply, KeptReply), usage);
    }

    /// <summary>Why a reply is no step of this agent; null when it is one.</summary>
    public static string? Problem(Microagent agent, string reply) => Understand(agent, reply).Problem;

    /// <summary>A reply in the one form of a step, its intent beside its arguments; null when it is none.</summary>
    public static JsonText? Plain(Microagent agent, string reply) => Understand(agent, reply).Step is not var (intent, arguments) ? null : JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("intent", intent);
        foreach (var member in arguments.Element().EnumerateObject())
        {
            member.WriteTo(writer);
        }

        writer.WriteEndObject();
    });

    private static ((string Intent, JsonText Arguments)? Step, string? Problem) Understand(Microagent agent, string reply)
    {
        var found = LenientJson.Objects(reply);
        if (found.Count != 1)
        {
            return (null, found.Count == 0
                ? "The reply is not a step. Reply with one JSON object that has an intent."
                : $"The reply holds {found.Count} steps. Reply with exactly one; the others can follow later.");
        }

        var step = StepForms.Plain(agent, found[0]);
        if (step.EnumerateObject().GroupBy(member => member.Name).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            return (null, $"The reply names '{ErrorText.Cut(twice.Key, 100)}' twice.");
        }

        var name = step.TryGetProperty("intent", out var given) && given.ValueKind == JsonValueKind.String ? given.GetString()! : null;
        if (name is null)
        {
            return (null, $"The reply has no intent. Choose one of {Names(agent)}.");
        }

        if (agent.FindSpoken(name) is not { } intent)
        {
            var meant = Nearest.To(ErrorText.Cut(name, 100), agent.Intents.Select(one => one.Name));
            return (null, $"There is no intent '{ErrorText.Cut(name, 100)}'.{(meant is null ? "" : $" Did you mean '{meant}'?")} Choose one of {Names(agent)}.");
        }

        var arguments = JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            foreach (var member in step.EnumerateObject().Where(member => member.Name != "intent"))
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        });
        return Invalid(agent, intent, arguments) is { } problem ? (null, $"{intent.Name}: {ErrorText.Cut(problem, KeptReply)}.") : ((intent.Name, arguments), null);
    }

    private static string? Invalid(Microagent agent, Intent intent, JsonText arguments) =>
        JsonSchemas.Violation(intent.Arguments, arguments)
        ?? (intent as Ask)?.Form(arguments).Invalid
        ?? (intent is Done ? JsonSchemas.Violation(agent.Output, arguments) : null);

    private static string Names(Microagent agent) => string.Join(", ", agent.Intents.Select(intent => intent.Name));
}
