using AgentMcp.Agents.Tools;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents;

/// <summary>
/// A thread whose definition lists tools that are gone asks once whether to go on as it began (pin), as its agent is
/// today (migrate), or not at all. Until then it would find out step by step, with errors.
/// </summary>
internal static class Migration
{
    private const int MostNamed = 10;

    /// <summary>What is asked before the next step; null when nothing is gone, or it was asked before. Pure.</summary>
    public static OpenARequest? Question(AgentThread thread, Microagent agent, PeoplePolicy server, DateTimeOffset now)
    {
        List<string> gone = [.. agent.Intents.OfType<Tool>().Where(tool => tool.IsGone).Select(tool => tool.Name)];
        if (gone.Count == 0 || thread.Definition.IsPinned || thread.State is not ThreadState.Thinking { Reply: null })
        {
            return null;
        }

        var tools = string.Join(", ", gone.Take(MostNamed)) + (gone.Count > MostNamed ? $" and {gone.Count - MostNamed} more" : "");
        return agent.People.Within(server).Ask(new(now, RequestKind.Question,
            agent.IsGone ? $"There is no agent {agent.Name} here any more. How shall this thread go on?" : $"{agent.Name} has changed since this thread began. How shall it go on?",
            $"Gone: {tools}.\n{string.Join("\n", ChangedAgent.Options(!agent.IsGone).Select(option => $"{option.Name}: {option.Description}"))}",
            ChangedAgent.Schema(!agent.IsGone), ChangedAgent.Options(!agent.IsGone), Gone: gone));
    }

    /// <summary>Today's agent as a thread may go on under it: no gate is opened, nobody may answer who could not before. Pure.</summary>
    public static Microagent Tightened(Microagent today, Microagent was) => today with
    {
        People = Tightened(today.People, was.People),
        Intents =
        [
            .. today.Intents.Select(intent => intent is Tool tool && was.FindTool(tool.Name) is { IsGone: false } old
                ? tool with { Route = (Route)Math.Max((int)tool.Route, (int)old.Route), People = Tightened(tool.People, old.People), MayChange = tool.MayChange && old.MayChange }
                : intent),
        ],
    };

    /// <summary>Stores the definition that a thread, which asks, would go on under today.</summary>
    /// <returns>Its hash, or null when it does not ask or there is no such agent.</returns>
    public static async Task<string?> Prepare(ThreadStore store, MicroagentCatalog catalog, AgentThread thread)
    {
        if (thread.OpenRequests.All(open => open.Asked.Gone is null) || catalog.Find(thread.Start.Agent) is not { } today)
        {
            return null;
        }

        var was = catalog.As(thread.Start.Agent, thread.Definition.Hash, store.FindDefinition);
        if (await Resolved(catalog, today).ConfigureAwait(false) is not { } whole)
        {
            return null;
        }

        var (hash, json) = Definition.Of(Tightened(whole, was));
        await store.SaveDefinition(hash, json).ConfigureAwait(false);
        return hash;
    }

    // While a server whose tools it lists is away nobody can go over to it; to pin and to cancel need none.
    private static async Task<Microagent?> Resolved(MicroagentCatalog catalog, Microagent today)
    {
        try
        {
            return await catalog.Resolve(today).ConfigureAwait(false);
        }
        catch (RefusedException)
        {
            return null;
        }
    }

    private static PeoplePolicy Tightened(PeoplePolicy today, PeoplePolicy was) =>
        today with { AnswerableBy = Turn.Strictest(today.AnswerableBy, was.AnswerableBy), Responders = today.Responders ?? was.Responders };
}
