using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

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
    /// <exception cref="IOException">There is no standard output to claim.</exception>
    public static Stream Claim()
    {
        if (_claimed is null)
        {
            // The framework's own stream waits while another thread writes to standard error, which a host that never reads that makes for ever.
            _claimed = OperatingSystem.IsWindows() ? Console.OpenStandardOutput() : new FileStream(Copy(StandardOutput), FileAccess.Write, bufferSize: 0);
            Console.SetOut(Console.Error);
            if (!OperatingSystem.IsWindows())
            {
                Redirect();
            }
        }

        return _claimed;
    }

    // The copy is the protocol's, so the number everybody writes to can be given away.
    private static void Redirect()
    {
        if (dup2(StandardError, StandardOutput) < 0)
        {
            // Whoever closed standard error wants to read none of it.
            using var nowhere = File.OpenHandle("/dev/null", FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            Check(dup2((int)nowhere.DangerousGetHandle(), StandardOutput));
        }
    }

    private static SafeFileHandle Copy(int descriptor)
    {
        var copy = Check(dup(descriptor));
        // Not for programs that tools start: whoever reads the protocol sees its end when this process ends.
        Check(ioctl(copy, OperatingSystem.IsMacOS() ? 0x20006601u : 0x5451u));
        return new(copy, ownsHandle: true);
    }

    private static int Check(int result) => result >= 0 ? result
        : throw new IOException($"Standard output cannot be kept for the protocol alone: {Marshal.GetLastPInvokeErrorMessage()}.");

#pragma warning disable SYSLIB1054, CA5392 // A few numbers need no generated marshalling, and the C library has no folder of its own.
    [DllImport("libc", SetLastError = true)]
    private static extern int dup(int descriptor);

    [DllImport("libc", SetLastError = true)]
    private static extern int dup2(int from, int to);

    [DllImport("libc", SetLastError = true)]
    private static extern int ioctl(int descriptor, nuint request);
#pragma warning restore SYSLIB1054, CA5392
}
