using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Files;

/// <summary>Tools of other servers in an agent file, and the field <c>effects</c>, which says what a crash may do to a tool.</summary>
internal static class ServerFields
{
    public const string EffectSchema = """{"type":"object","additionalProperties":{"enum":["read_only","idempotent","effectful"]}}""";

    private static readonly string[] EffectNames = ["read_only", "idempotent", "effectful"];

    /// <summary>The place of tools that a server has, for a name such as <c>files.read_file</c> or <c>files.*</c>; null for any other.</summary>
    public static Intent? Of(string name) => ServerTools.IsName(name) ? ServerTools.Parse(name) : null;

    /// <summary>Whether a name that is no tool of the file itself may be one of a server whose tools it lists.</summary>
    public static bool Covers(Microagent agent, string name) =>
        ServerTools.IsName(name) && agent.Intents.Any(intent => intent is ServerTools listed && listed.Has(name));

    /// <summary>Says something of tools of servers, once it is known which they are.</summary>
    public static Microagent Change(Microagent agent, string names, Func<Tool, Tool> change) => !Covers(agent, names) ? agent : agent with
    {
        Intents = [.. agent.Intents.Select(intent => intent is ServerTools listed && listed.Has(names) ? listed with { Changes = [.. listed.Changes, (names, change)] } : intent)],
    };

    public static Microagent Effects(Microagent agent, Given given)
    {
        foreach (var (name, text) in given.Matter.Map("effects"))
        {
            Effect effect = text switch
            {
                "read_only" => Effect.ReadOnly,
                "idempotent" => Effect.Idempotent,
                "effectful" => Effect.Effectful,
                _ => throw given.Matter.Wrong("effects", $"the effect of {name} must be read_only, idempotent or effectful, not '{text}'", name, Nearest.To(text, EffectNames)),
            };
            agent = Covers(agent, name) ? Change(agent, name, tool => tool with { Effect = effect })
                : throw given.Matter.Unknown("effects", name, $"'{name}' has an effect but is no tool of an MCP server that this agent lists",
                    [.. agent.Intents.OfType<ServerTools>().Select(listed => listed.Name)]);
        }

        return agent;
    }
}
