using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>What a thread may be given from outside.</summary>
public static class AgentInput
{
    /// <summary>In characters of JSON.</summary>
    public const int Largest = 256 * 1024;

    /// <summary>The agent that takes this input.</summary>
    /// <exception cref="RefusedException">No such agent, or an input it does not take.</exception>
    public static Microagent Check(MicroagentCatalog catalog, string agentName, JsonText input)
    {
        var agent = catalog.Get(agentName);
        Bound(input, "input");
        return JsonSchemas.Violation(agent.Input, input) is { } violation
            ? throw new RefusedException(RefusalCode.InvalidInput, $"The input does not fit {agent.Name}: {violation}. It must match this JSON Schema: {agent.Input}")
            : agent;
    }

    /// <exception cref="RefusedException">It is none that a caller may give.</exception>
    public static void CheckKey(string? idempotencyKey)
    {
        if (idempotencyKey is { Length: 0 or > 200 })
        {
            throw new RefusedException(RefusalCode.InvalidInput, "An idempotency_key has 1 to 200 characters.");
        }

        if (ThreadId.TryParse(idempotencyKey?.Split('/')[0], out _))
        {
            throw new RefusedException(RefusalCode.InvalidInput, "An idempotency_key does not begin with a thread id; such keys belong to the calls of threads.");
        }
    }

    /// <exception cref="RefusedException">It is larger than what is taken.</exception>
    public static void Bound(JsonText value, string what)
    {
        if (value.Text.Length > Largest)
        {
            throw new RefusedException(RefusalCode.TooLarge,
                $"The {what} has {value.Text.Length} characters; at most {Largest} are taken. Send a shorter one, or a path or link to it.");
        }
    }
}
