using System.Diagnostics;
using System.Reflection;

namespace AgentMcp.Server.Cli;

/// <summary>How to start this very program again: by its own executable, or by the dotnet host with its assembly.</summary>
internal static class Self
{
    /// <summary>What was started: this program, or one of somebody's own around it.</summary>
    public static Assembly Program { get; set; } = Assembly.GetExecutingAssembly();

    public static (string Program, IReadOnlyList<string> Arguments) Command(params string[] arguments)
    {
        var process = Environment.ProcessPath ?? throw new InvalidOperationException("The path of this process is not known.");
        var assembly = Path.Combine(AppContext.BaseDirectory, Program.GetName().Name + ".dll");
        return Path.GetFileNameWithoutExtension(process).Equals("dotnet", StringComparison.OrdinalIgnoreCase)
            ? (process, [assembly, .. arguments])
            : (process, arguments);
    }

    public static ProcessStartInfo Start(params string[] arguments)
    {
        var (program, all) = Command(arguments);
        return new(program, all) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true };
    }
}
