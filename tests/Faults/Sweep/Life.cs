using System.Diagnostics;
using AgentMcp.Faults.World;

namespace AgentMcp.Faults.Sweep;

internal enum Transport
{
    Stdio,
    Http,
}

/// <summary>One server process, from its start to its end.</summary>
internal sealed class Life : IDisposable
{
    private const int MostErrors = 4_000;
    private const int KilledBySignal = 128 + 9;
    private readonly Process _process;
    private readonly TaskCompletionSource<Wire> _reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private string _errors = "";

    private Life(Process process, Transport transport)
    {
        (_process, Transport) = (process, transport);
        Ended = process.WaitForExitAsync();
        _process.ErrorDataReceived += (_, line) => _errors = (_errors + line.Data + "\n") is var all && all.Length > MostErrors ? all[^MostErrors..] : all;
        _process.BeginErrorReadLine();
    }

    public Transport Transport { get; }

    public int Id => _process.Id;

    public Task Ended { get; }

    public int ExitCode => _process.ExitCode;

    public bool WasKilled => ExitCode == KilledBySignal;

    /// <summary>It was ended from outside; if it was to die at a place of its own, it had not come there.</summary>
    public bool WasCutShort { get; private set; }

    /// <summary>What it said on standard error, at most its end.</summary>
    public string Errors => _errors;

    /// <summary>It answered once; from then on it is one of those that take calls.</summary>
    public bool IsReady { get; set; }

    /// <summary>As the holder of leases; null until it is ready.</summary>
    public string? Owner { get; private set; }

    /// <param name="die">Where it kills itself, see <see cref="Victim.Death"/>; null when it does not.</param>
    /// <param name="port">Of one that is found at an address; 0 for any.</param>
    public static Life Start(Transport transport, TheWorld world, string database, string? die, int port = 0)
    {
        var start = Command(world, database, transport == Transport.Stdio ? ["stdio"] : ["http", "--port", $"{port}"]);
        if (die is not null)
        {
            start.Environment["FAULTS_DIE"] = die;
        }

        var life = new Life(Process.Start(start)!, transport);
        _ = Task.Run(life.Reach);
        return life;
    }

    /// <summary>What <c>doctor --verify</c> finds wrong with the database; empty when all is well.</summary>
    public static async Task<string> Verify(TheWorld world, string database)
    {
        using var doctor = Process.Start(Command(world, database, ["doctor", "--verify"]))!;
        var (output, errors) = (doctor.StandardOutput.ReadToEndAsync(), doctor.StandardError.ReadToEndAsync());
        await doctor.WaitForExitAsync();
        return doctor.ExitCode == 0 ? "" : $"doctor --verify of {Path.GetFileName(database)} ended with {doctor.ExitCode}: {await output}{await errors}";
    }

    /// <exception cref="GoneException">It ended before it answered.</exception>
    public async Task<System.Text.Json.JsonElement> Call(string tool, object arguments) => await (await _reached.Task).Call(tool, arguments);

    /// <summary>SIGKILL.</summary>
    public void Kill()
    {
        if (!_process.HasExited)
        {
            WasCutShort = true;
            _process.Kill();
        }
    }

    /// <summary>As a host ends it: by closing its input, or with SIGTERM. Returns its exit code.</summary>
    public async Task<int> End()
    {
        if (Transport == Transport.Stdio)
        {
            _process.StandardInput.Close();
        }
        else
        {
            using var kill = Process.Start("kill", ["-TERM", $"{Id}"]);
            await kill.WaitForExitAsync();
        }

        await Ended.WaitAsync(TimeSpan.FromMinutes(2));
        return ExitCode;
    }

    /// <summary>Notes under which name it holds its leases: the lock file that it has open.</summary>
    public void FindOwner()
    {
        try
        {
            Owner = Directory.GetFiles($"/proc/{Id}/fd").Select(file => File.ResolveLinkTarget(file, returnFinalTarget: false)?.Name)
                .FirstOrDefault(name => name?.StartsWith("own_", StringComparison.Ordinal) == true)?.Replace(".lock", "", StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It has died meanwhile.
            Owner = null;
        }
    }

    public void Dispose() => _process.Dispose();

    private static ProcessStartInfo Command(TheWorld world, string database, string[] command)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(Life).Assembly.Location, "serve", .. command])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["AGENTMCP_DB"] = database;
        start.Environment["AGENTMCP_MODEL"] = "rules";
        start.Environment["AGENTMCP_BASE_URL"] = new Uri(world.Ledger.Url, "v1").ToString();
        start.Environment["AGENTMCP_AGENTS_HOME"] = "off";
        start.Environment["AGENTMCP_MCP"] = world.Servers;
        start.Environment["FAULTS_WORLD"] = world.Home;
        start.Environment["FAULTS_LEDGER"] = world.Ledger.Url.ToString();
        return start;
    }

    private async Task Reach()
    {
        try
        {
            _reached.SetResult(Transport == Transport.Stdio
                ? new StdioWire(_process)
                : new HttpWire(new((await _process.StandardOutput.ReadLineAsync())?.Split(' ')[^1] ?? throw new GoneException())));
        }
        catch (Exception e)
        {
            _reached.SetException(e is GoneException ? e : new GoneException(e));
        }
    }
}
