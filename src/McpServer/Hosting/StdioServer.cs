using System.Runtime.InteropServices;
using AgentMcp.Server.Inbox;
using AgentMcp.Server.Protocol;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using CallId = ModelContextProtocol.Protocol.RequestId;

namespace AgentMcp.Server.Hosting;

/// <summary>
/// Serves one client over standard input and output until it closes them. A bare server without a host: it starts
/// once for every session of a desktop client, so what it does not need it does not load.
/// </summary>
internal static class StdioServer
{
    // When the input ends, what is nearly done still gets its answer out; then running steps get a moment to end.
    private static readonly TimeSpan LastAnswers = TimeSpan.FromMilliseconds(400);
    private static readonly TimeSpan Grace = TimeSpan.FromMilliseconds(400);

    // Whoever writes to a client that does not read waits for ever. All that matters is stored long before this.
    private static readonly TimeSpan LongestFarewell = TimeSpan.FromSeconds(5);

    /// <param name="inbox">Whether people are served too, with pages on a loopback port.</param>
    public static async Task<int> Run(Settings settings, ILoggerFactory logs, bool inbox)
    {
        var input = Console.OpenStandardInput();
        var output = new WholeMessages(ProtocolOutput.Claim());

        using var farewell = new Timer(_ => Environment.Exit(0));
        settings.WarnOfStrays(logs);
        using var core = new Core(settings, logs);
        await using var pages = inbox ? await InboxServer.Start(core, logs).ConfigureAwait(false) : null;
        if (pages is not null)
        {
            await Console.Error.WriteLineAsync($"Inbox: {pages.Link}").ConfigureAwait(false);
        }

        using var ended = new CancellationTokenSource();
        using var terminated = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupted = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        var options = new McpServerOptions();
        new McpSetup(core, "stdio").Apply(options);
        var unanswered = new Unanswered();
        unanswered.Watch(options);
        var opened = new TaskCompletionSource<StreamServerTransport>();
        var lines = new BoundedLines(input, settings.MostBody, Refuse);
        await using var transport = new StreamServerTransport(new WatchedInput(lines, unanswered.Read, End), output, "agentmcp", logs);
        opened.SetResult(transport);
        await ProtocolTypes.Find().ConfigureAwait(false);
        await using var server = ModelContextProtocol.Server.McpServer.Create(transport, options, logs);
        core.Recover();
        try
        {
            await server.RunAsync(ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            logs.CreateLogger<Core>().LogInformation("Stopped by a signal");
        }

        await core.Stop(Grace).ConfigureAwait(false);
        return 0;

        async Task Refuse(CallId? id, CancellationToken cancellation)
        {
            logs.CreateLogger<Core>().LogWarning("A line of standard input was longer than {Most} bytes and was not read (setting max_body)", settings.MostBody);
            if (id is { } asked)
            {
                var told = $"The message is larger than {settings.MostBody} bytes, the most one may have. Nothing was done. (Setting max_body)";
                await (await opened.Task.ConfigureAwait(false)).SendMessageAsync(
                    new JsonRpcError { Id = asked, Error = new() { Code = (int)McpErrorCode.InvalidRequest, Message = told } }, cancellation).ConfigureAwait(false);
            }
        }

        async Task End()
        {
            farewell.Change(LongestFarewell, Timeout.InfiniteTimeSpan);
            await unanswered.Answered(LastAnswers).ConfigureAwait(false);
            // Whoever waits for a thread is now told where it stands.
            await core.Stop(Grace).ConfigureAwait(false);
            await unanswered.Answered(Grace).ConfigureAwait(false);
        }

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            farewell.Change(LongestFarewell, Timeout.InfiniteTimeSpan);
            ended.Cancel();
        }
    }
}
