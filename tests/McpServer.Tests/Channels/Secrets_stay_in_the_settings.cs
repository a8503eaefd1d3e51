using System.Diagnostics;
using System.Text;
using AgentMcp.Server.Tests.Cli;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Channels;

public sealed class Secrets_stay_in_the_settings : IAsyncDisposable
{
    private readonly Receiver _hook = new();
    private readonly SlackDouble _slack = new();
    private readonly MailServer _mail = new();

    /// <summary>What lets somebody in, and where people are reached.</summary>
    private string[] Secrets =>
    [
        Receiver.Secret, Receiver.OldSecret, Receiver.Secret["whsec_".Length..], _hook.Url, "/take",
        SlackDouble.Token, SlackDouble.SigningSecret, SlackDouble.Place,
        MailServer.Password, "mia@people.example", "ravi@people.example", "people.example", "agents@mail.example",
    ];

    [Fact]
    [Trait("Accepts", "A2H.6")]
    public async Task Neither_the_database_nor_a_prompt_nor_a_log_nor_a_reply_holds_one()
    {
        using var agentmcp = new CommandLine();
        foreach (var (name, value) in _hook.As("hook").Concat(_slack.As("chat")).Concat(_mail.As("mail", "notify=hook,chat,mail")).DistinctBy(setting => setting.Key).Append(new("notify", "hook,chat,mail")))
        {
            agentmcp.Environment["AGENTMCP_" + name.ToUpperInvariant()] = value;
        }

        // Each of them fails once, for each could tell too much about why.
        _hook.Answer(503);
        _slack.Errors.Enqueue($"not a name: {SlackDouble.Place} {SlackDouble.Token}");
        _mail.Refusals.Enqueue("550 no mailbox mia@people.example");
        var settings = agentmcp.Environment.Where(setting => setting.Key.StartsWith("AGENTMCP_", StringComparison.Ordinal)).ToDictionary(setting => setting.Key["AGENTMCP_".Length..], setting => setting.Value);
        using var server = RunningServer.Launch(["http", "--port", "0", "--verbose"], agentmcp.Database, settings, readErrors: true);
        var log = new StringBuilder();
        server.ErrorDataReceived += (_, line) => log.AppendLine(line.Data);
        server.BeginErrorReadLine();
        var listening = await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken);

        var called = await agentmcp.Run("call", "calculator", "Divide 3 by 4", "--json");
        var thread = called.Json.GetProperty("thread_id").GetString()!;
        await _hook.Next();
        await _hook.Next();
        await _slack.Next("chat.postMessage");
        await _slack.Next("chat.postMessage");
        await _mail.Next();
        string[] shown =
        [
            called.Output, listening!,
            .. await Task.WhenAll(Told(agentmcp, "show", thread), Told(agentmcp, "show", thread, "--json"), Told(agentmcp, "show", thread, "--prompt", "2"), Told(agentmcp, "doctor"), Told(agentmcp, "doctor", "--json")),
        ];
        using (var stop = Process.Start("kill", ["-TERM", server.Id.ToString(System.Globalization.CultureInfo.InvariantCulture)]))
        {
            await server.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        var database = string.Concat(Directory.EnumerateFiles(agentmcp.Folder).Where(file => !file.EndsWith("-access", StringComparison.Ordinal)).Select(file => Encoding.Latin1.GetString(File.ReadAllBytes(file))));
        Assert.Contains("delivery_failed", database, StringComparison.Ordinal);
        Assert.Contains("could not be told of", log.ToString(), StringComparison.Ordinal);
        foreach (var secret in Secrets)
        {
            Assert.DoesNotContain(secret, database, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, log.ToString(), StringComparison.Ordinal);
            Assert.All(shown, text => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _hook.DisposeAsync();
        await _slack.DisposeAsync();
        await _mail.DisposeAsync();
    }

    private static async Task<string> Told(CommandLine agentmcp, params string[] arguments) =>
        await agentmcp.Run(arguments) is var ran ? ran.Output + ran.Error : "";
}
