using AgentMcp.Server.Access;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Cli;

/// <summary>Whoever types commands: a person, and the user that the database belongs to.</summary>
internal static class Terminal
{
    public const string Channel = "cli";

    public static Responder Person { get; } = new(Principal.Local.Id, Channel, IsHuman: true);
}
