using System.CommandLine;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Cli;

/// <summary>
/// What the commands on threads share: the same core a server has, for as long as the command runs. It picks up no
/// other threads, and what it leaves running a server picks up.
/// </summary>
internal static class CoreCommand
{
    private static readonly TimeSpan Grace = TimeSpan.FromSeconds(2);

    /// <summary>As long as a command waits when it was given no time: until Ctrl+C, in effect.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromDays(30);

    public delegate Task<int> Body(Core core, Screen screen, ParseResult parsed, CancellationToken cancellation);

    public static Argument<ThreadId> Thread() => new("THREAD")
    {
        Description = "The id of a thread, such as thr_0198c0a1...; agentmcp threads lists them.",
        CustomParser = parsed =>
        {
            if (!ThreadId.TryParse(parsed.Tokens[0].Value, out var id))
            {
                parsed.AddError($"'{Screen.Clean(parsed.Tokens[0].Value)}' is not a thread id. One looks like thr_0198c0a1... and has 36 characters; agentmcp threads lists them.");
            }

            return id;
        },
    };

    public static void OnCore(this Command command, Body body) => command.SetAction(async (parsed, cancellation) =>
    {
        var settings = SharedOptions.SettingsOf(parsed);
        using var telemetry = Telemetry.For(settings);
        using var logs = Logs.For(settings, telemetry, transitions: false);
        using var core = new Core(settings, logs);
        try
        {
            return await body(core, new Screen(parsed.GetValue(SharedOptions.Json)), parsed, cancellation).ConfigureAwait(false);
        }
        finally
        {
            await core.Stop(Grace).ConfigureAwait(false);
        }
    });

    /// <summary>Waits for what a thread does in this process, then shows where it stands.</summary>
    public static async Task<int> Follow(Core core, Screen screen, ParseResult parsed, ThreadId thread, double? seconds, CancellationToken cancellation)
    {
        var atMost = seconds is { } given ? TimeSpan.FromSeconds(given) : Patience;
        var log = await screen.Busy($"{thread} runs; Ctrl+C leaves it to a server", () => core.Host.Wait(thread, core.Access.OwnerOf(thread, Principal.Local), atMost, cancellation)).ConfigureAwait(false);
        ThreadView.Show(core, screen, parsed, log);
        return log.Thread.Status switch
        {
            ThreadStatus.Completed => ExitCode.Done,
            ThreadStatus.Pending => ExitCode.Pending,
            ThreadStatus.Running => ExitCode.Running,
            _ => ExitCode.Failed,
        };
    }
}
