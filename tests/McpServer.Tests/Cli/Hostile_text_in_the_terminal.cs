using AgentMcp.Hostile;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Cli;

public sealed class Hostile_text_in_the_terminal : IDisposable
{
    private static readonly DateTimeOffset At = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    private readonly CommandLine _agentmcp = new();

    public void Dispose() => _agentmcp.Dispose();

    [Fact]
    public async Task Steers_nothing()
    {
        var all = ThreadId.New(At);
        using (var file = Database.Open(_agentmcp.Database))
        using (var owner = new Owner(file))
        using (var store = new ThreadStore(file, owner))
        {
            await store.Start(ThreadLog.Of(all, [.. Start("go"), .. Corpus.Names.Select(name => new StepRejected(At, Corpus.Text(name), "scripted")), .. Ask(Corpus.Together("\n"))]), null, takeLease: false);
            foreach (var text in Corpus.Names.Select(Corpus.Text))
            {
                await store.Start(ThreadLog.Of(ThreadId.New(At), [.. Start(text), .. Ask(text)]), null, takeLease: false);
            }
        }

        foreach (var command in new string[][] { ["show", all.Value], ["show", all.Value, "--json"], ["threads", "--limit", "200"], ["inbox"], ["inbox", "--json"] })
        {
            var ran = await _agentmcp.Run(command);
            Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
            var printed = ran.Output.Replace(Environment.NewLine, "\n", StringComparison.Ordinal);
            Assert.DoesNotContain('\r', printed);
            Assert.False(Corpus.Hides(printed), string.Join(' ', command));
            if (command[0] == "show")
            {
                Assert.Contains(command[^1] == "--json" ? @"pay \u202eelbahs\u202c to" : "pay \u27E8U+202E\u27E9elbahs\u27E8U+202C\u27E9 to", printed, StringComparison.Ordinal);
            }
        }
    }

    private static ThreadEvent[] Start(string text) => [new ThreadStarted(At, "calculator", "sha256:none", JsonText.Of(text), "local", "stdio", "message_received")];

    private static ThreadEvent[] Ask(string text) =>
        [new StepChosen(At, "request_human_input", JsonText.Of(text), "scripted"), new RequestOpened(At, RequestKind.Question, text, text, Options: [new("one", text, text)])];
}
