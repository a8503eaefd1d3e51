using System.Runtime.CompilerServices;

namespace AgentMcp.State.Tests;

internal static class Startup
{
    // The program's Main sets the same: without it a hostile pattern in a schema could hold a thread for ever.
#pragma warning disable CA2255 // a test assembly has no Main of its own
    [ModuleInitializer]
    internal static void LimitPatterns() => AppDomain.CurrentDomain.SetData("REGEX_DEFAULT_MATCH_TIMEOUT", TimeSpan.FromMilliseconds(200));
#pragma warning restore CA2255
}
