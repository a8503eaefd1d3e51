using System.Diagnostics;
using System.Globalization;
using System.Text;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Crash;

/// <summary>
/// A line of shell script that stops a program of the outside world until the test has seen it there and lets it go
/// on. Two pipes, held open for both directions here, so that nothing waits when one side has died.
/// </summary>
internal sealed class Gate : IDisposable
{
    private readonly FileStream _arrived;
    private readonly FileStream _leave;

    public Gate(TestFolder folder)
    {
        var (arrived, leave) = (Path.Combine(folder.Path, "arrived"), Path.Combine(folder.Path, "leave"));
        using (var made = Process.Start("mkfifo", [arrived, leave]))
        {
            made.WaitForExit();
        }

        _arrived = Open(arrived);
        _leave = Open(leave);
        Script = $"echo $PPID > '{arrived}'; read word < '{leave}'; [ \"$word\" = yes ]";
    }

    /// <summary>Succeeds when told to go on, fails when told not to.</summary>
    public string Script { get; }

    /// <summary>Ends once a program stands at the gate. The program that runs the script is returned.</summary>
    public async Task<Process> Arrived(CancellationToken cancellation)
    {
        var line = new byte[20];
        var length = await _arrived.ReadAsync(line, cancellation).AsTask().WaitAsync(TimeSpan.FromMinutes(1), cancellation);
        return Process.GetProcessById(int.Parse(Encoding.ASCII.GetString(line, 0, length), CultureInfo.InvariantCulture));
    }

    public void Open(bool go)
    {
        _leave.Write(go ? "yes\n"u8 : "no\n"u8);
        _leave.Flush();
    }

    public void Dispose()
    {
        _arrived.Dispose();
        _leave.Dispose();
    }

    private static FileStream Open(string pipe) => new(pipe, FileMode.Open, FileAccess.ReadWrite, FileShare.ReadWrite, bufferSize: 0);
}
