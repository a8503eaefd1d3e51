using System.Runtime.InteropServices;

namespace AgentMcp.Server.Hosting;

/// <summary>
/// Standard output as the protocol's alone. Whatever else is written there (by a tool, by a library, by native code, by
/// a program that a tool starts) goes to standard error from the moment it is claimed.
/// </summary>
internal static class ProtocolOutput
{
    private const int StandardOutput = 1;
    private const int StandardError = 2;
    private static Stream? _claimed;

    /// <summary>Claims it for good. Called again it gives the same stream.</summary>
    public static Stream Claim()
    {
        if (_claimed is not null)
        {
            return _claimed;
        }

        // The stream has a copy of the descriptor of its own, so the number everybody writes to can be given away.
        _claimed = Console.OpenStandardOutput();
        Console.SetOut(Console.Error);
        if (!OperatingSystem.IsWindows() && dup2(StandardError, StandardOutput) < 0)
        {
            // Whoever closed standard error wants to read none of it.
            using var nowhere = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            if (dup2((int)nowhere.DangerousGetHandle(), StandardOutput) < 0)
            {
                throw new IOException("Standard output cannot be kept for the protocol alone.");
            }
        }

        return _claimed;
    }

#pragma warning disable SYSLIB1054, CA5392 // Two numbers need no generated marshalling, and the C library has no folder of its own.
    [DllImport("libc")]
    private static extern int dup2(int from, int to);
#pragma warning restore SYSLIB1054, CA5392
}
