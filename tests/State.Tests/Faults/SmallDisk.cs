using System.Diagnostics;

namespace AgentMcp.State.Tests.Faults;

/// <summary>A file system of its own and of a few megabytes, in memory, for what a disk does when it is full or may only be read. Needs root on Linux.</summary>
internal sealed class SmallDisk : IDisposable
{
    private SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    public string Database => Path.Combine(Folder, "threads.db");

    public static SmallDisk Mount(int megabytes)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "Only root on Linux can mount a disk of its own.");
        var folder = Directory.CreateTempSubdirectory("agentmcp-disk-").FullName;
        var (code, error) = Run("mount", "-t", "tmpfs", "-o", $"size={megabytes}m", "agentmcp", folder);
        Assert.SkipWhen(code != 0, $"A disk of its own cannot be mounted here: {error}");
        return new(folder);
    }

    public void OnlyForReading() => Assert.Equal((0, ""), Run("mount", "-o", "remount,ro", Folder));

    public void ForWriting() => Assert.Equal((0, ""), Run("mount", "-o", "remount,rw", Folder));

    /// <summary>Writes a file until nothing more fits.</summary>
    public string Fill()
    {
        var filler = Path.Combine(Folder, "filler");
        using var file = new FileStream(filler, FileMode.Create, FileAccess.Write, FileShare.None, 0);
        var page = new byte[4096];
        try
        {
            while (true)
            {
                file.Write(page);
            }
        }
        catch (IOException)
        {
            // That is what a full disk says, and what was wanted.
            return filler;
        }
    }

    public void Dispose()
    {
        Run("umount", "--lazy", Folder);
        Directory.Delete(Folder);
    }

    private static (int Code, string Error) Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, error.Trim());
    }
}
