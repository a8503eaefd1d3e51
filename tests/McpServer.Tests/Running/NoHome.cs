using System.Runtime.CompilerServices;

namespace AgentMcp.Server.Tests.Running;

/// <summary>The agents of whoever runs the tests are none of theirs, in this process and in all it starts.</summary>
internal static class NoHome
{
    [ModuleInitializer]
    internal static void Set() => Environment.SetEnvironmentVariable("AGENTMCP_AGENTS_HOME", "off");
}
