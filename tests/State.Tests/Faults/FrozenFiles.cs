using System.Diagnostics;

namespace AgentMcp.State.Tests.Faults;

/// <summary>Files that nobody may write any more, also who has them open, until this is disposed. Needs root on Linux and a file system that knows of it.</summary>
internal sealed class FrozenFiles : IDisposable
{
    private readonly string[] _files;

    private FrozenFiles(string[] files) => _files = files;

    public static FrozenFiles Of(string folder)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root on Linux can freeze a file.");
        var probe = Path.Combine(folder, "probe");
        using var open = new FileStream(probe, FileMode.Create, FileAccess.Write, FileShare.None, 0);
        var frozen = new FrozenFiles([probe, .. Directory.GetFiles(folder, "threads.db"), .. Directory.GetFiles(folder, "threads.db-wal")]);
        Assert.SkipUnless(Change("+i", frozen._files) == 0, "Files cannot be frozen here.");
        try
        {
            open.Write([1]);
        }
        catch (Exception e) when (e is UnauthorizedAccessException or IOException)
        {
            return frozen;
        }

        frozen.Dispose();
        Assert.Skip("A file that is open can be written here although it is frozen.");
        return frozen;
    }

    public void Dispose() => Change("-i", _files);

    private static int Change(string flag, string[] files)
    {
        using var process = Process.Start(new ProcessStartInfo("chattr", [flag, .. files]) { RedirectStandardError = true })!;
        process.WaitForExit();
        return process.ExitCode;
    }
}
