using System.Runtime.InteropServices;
using AgentMcp.Server.Protocol;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Hosting;

/// <summary>
/// Serves one client over standard input and output until it closes them. A bare server without a host: it starts
/// once for every session of a desktop client, so what it does not need it does not load.
/// </summary>
internal static class StdioServer
{
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(500);

    public static async Task<int> Run(Settings settings, ILoggerFactory logs)
    {
        // Standard output belongs to the protocol; whatever a tool or library prints goes to standard error.
        var input = Console.OpenStandardInput();
        var output = Console.OpenStandardOutput();
        Console.SetOut(Console.Error);

        using var core = new Core(settings, logs);
        using var ended = new CancellationTokenSource();
        var ending = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        var options = new McpServerOptions();
        new McpSetup(core, "stdio").Apply(options);
        await using var transport = new StreamServerTransport(new WatchedInput(input, () => ending.TrySetResult()), output, "agentmcp", logs);
        await using var server = ModelContextProtocol.Server.McpServer.Create(transport, options, logs);
        core.Recover();
        var serving = server.RunAsync(ended.Token);
        await Task.WhenAny(serving, ending.Task).ConfigureAwait(false);
        await core.Stop(Grace).ConfigureAwait(false);
        try
        {
            await serving.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            logs.CreateLogger<Core>().LogInformation("Stopped by a signal");
        }

        return 0;

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            ended.Cancel();
            ending.TrySetResult();
        }
    }
}
