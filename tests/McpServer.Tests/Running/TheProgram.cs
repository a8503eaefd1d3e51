using System.Reflection;

namespace AgentMcp.Server.Tests.Running;

/// <summary>The program under test, as its own project built it: with <c>QuickStart</c> it starts in half the time.</summary>
public static class TheProgram
{
    public static string Path { get; } = typeof(TheProgram).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(one => one.Key == "TheProgram").Value!;
}
