using System.ComponentModel;
using System.Diagnostics;
using System.Text;
using System.Text.RegularExpressions;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>The git program on one repository: no shell, no prompts, English messages, a time limit.</summary>
internal sealed partial class Git(string repository, TimeProvider clock, string program)
{
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(40);

    // A server started from a git hook inherits these, and they would win over -C.
    private static readonly string[] Inherited = ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_NAMESPACE"];

    /// <exception cref="ToolException">git failed or took too long; its first word on why is in the message.</exception>
    public async Task<string> Read(CancellationToken cancellation, params string[] arguments)
    {
        var result = await Run(arguments, cancellation).ConfigureAwait(false);
        return result.ExitCode == 0 ? result.Output : throw Failure(arguments[0], result.Reason);
    }

    public ToolException Failure(string verb, string reason) => new($"git {verb} failed in {repository}: {reason}");

    /// <exception cref="ToolException">git could not be started, or anything but a push took too long.</exception>
    /// <exception cref="TimeoutException">A push took too long.</exception>
    public async Task<GitResult> Run(IReadOnlyList<string> arguments, CancellationToken cancellation, string? input = null)
    {
        using var git = Start(arguments);
        using var limit = new CancellationTokenSource(Limit, clock);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, limit.Token);
        try
        {
            var output = git.StandardOutput.ReadToEndAsync(either.Token);
            var error = git.StandardError.ReadToEndAsync(either.Token);
            await git.StandardInput.WriteAsync(input.AsMemory(), either.Token).ConfigureAwait(false);
            git.StandardInput.Close();
            await git.WaitForExitAsync(either.Token).ConfigureAwait(false);
            return new(git.ExitCode, await output.ConfigureAwait(false), await error.ConfigureAwait(false));
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            var late = $"git {arguments[0]} did not finish within {Limit.TotalSeconds:0} seconds in {repository}.";
            throw arguments[0] == "push" ? new TimeoutException(late) : new ToolException(late);
        }
        finally
        {
            if (!git.HasExited)
            {
                git.Kill(entireProcessTree: true);
            }
        }
    }

    private Process Start(IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo(program)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            StandardInputEncoding = new UTF8Encoding(false),
            StandardOutputEncoding = Encoding.UTF8,
            StandardErrorEncoding = Encoding.UTF8,
        };
        foreach (var argument in (string[])["-C", repository, "-c", "i18n.logOutputEncoding=UTF-8", "-c", "log.showSignature=false", "-c", "color.ui=false", .. arguments])
        {
            start.ArgumentList.Add(argument);
        }

        foreach (var name in Inherited)
        {
            start.Environment.Remove(name);
        }

        start.Environment["LC_ALL"] = "C";
        start.Environment["GIT_TERMINAL_PROMPT"] = "0";
        start.Environment["GIT_OPTIONAL_LOCKS"] = "0";
        try
        {
            return Process.Start(start) ?? throw new ToolException("The git program could not be started.");
        }
        catch (Win32Exception e)
        {
            throw new ToolException("The git program was not found. Install git, and make sure it is on the PATH of the server.", e);
        }
    }

    internal sealed partial record GitResult(int ExitCode, string Output, string Error)
    {
        /// <summary>The line that says why: a refused ref, else git's own error, else whatever came first. Never with credentials.</summary>
        public string Reason
        {
            get
            {
                var lines = Error.Split('\n', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
                var refused = Output.Split('\n').FirstOrDefault(line => line.StartsWith('!'))?.Split('\t')[^1];
                var remote = lines.FirstOrDefault(line => line.StartsWith("remote:", StringComparison.Ordinal));
                var own = lines.FirstOrDefault(line => line.StartsWith("fatal:", StringComparison.Ordinal) || line.StartsWith("error:", StringComparison.Ordinal));
                var reason = refused is null ? own ?? lines.FirstOrDefault() ?? $"exit code {ExitCode}" : string.Join(" ", new[] { refused, remote }.OfType<string>());
                return Credentials().Replace(reason, "://***@");
            }
        }

        [GeneratedRegex(@"://[^/@\s]+@")]
        private static partial Regex Credentials();
    }
}
