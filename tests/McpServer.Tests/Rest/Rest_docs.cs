using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Rest;

/// <summary>docs/rest.md is a transcript: every command in it is run as written, and answers what is written below it.</summary>
public sealed partial class Rest_docs
{
    [Fact]
    public async Task Every_example_answers_what_the_page_says()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database);
        var page = await File.ReadAllTextAsync(RepositoryFile.Path("docs/rest.md"), TestContext.Current.CancellationToken);
        var documented = Hex().Matches(page).Select(match => match.Value).Distinct().ToList();
        var real = new List<string>();
        var blocks = Block().Matches(page).Select(match => (Language: match.Groups[1].Value, Text: match.Groups[2].Value)).ToList();
        var run = 0;

        foreach (var (command, answer) in blocks.Zip(blocks.Skip(1)).Where(pair => pair.First.Text.StartsWith("curl ", StringComparison.Ordinal)))
        {
            var said = await Run(documented.Zip(real).Aggregate(command.Text, (text, pair) => text.Replace(pair.First, pair.Second, StringComparison.Ordinal)), server.Url!, folder.Database);
            real.AddRange(Hex().Matches(said).Select(match => match.Value).Distinct().Except(real));
            var shown = documented.Zip(real).Aggregate(said, (text, pair) => text.Replace(pair.Second, pair.First, StringComparison.Ordinal))
                .Replace(folder.Database, "/home/mia/.local/share/agentmcp/threads.db", StringComparison.Ordinal);
            Assert.Equal(Plain(answer), Plain((answer.Language, shown)));
            run++;
        }

        Assert.Equal(Command().Count(page), run);
    }

    private static async Task<string> Run(string command, Uri server, string database)
    {
        var start = new ProcessStartInfo("/bin/sh", ["-c", command]) { RedirectStandardOutput = true };
        start.Environment["API"] = new Uri(server, "/api/v1").ToString();
        start.Environment["AUTH"] = "Authorization: Bearer " + (await File.ReadAllTextAsync(database + "-access", TestContext.Current.CancellationToken)).Trim();
        using var shell = Process.Start(start)!;
        var said = await shell.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await shell.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, shell.ExitCode);
        return said;
    }

    // White space is the page's own; times and the hash of a definition are not always the same.
    private static string Plain((string Language, string Text) block)
    {
        var text = Hash().Replace(Time().Replace(block.Text.ReplaceLineEndings("\n").Trim(), "TIME"), "$1HASH");
        return block.Language == "json" ? JsonSerializer.Serialize(JsonElement.Parse(text)) : text;
    }

    [GeneratedRegex("```([a-z]+)\n(.*?)```", RegexOptions.Singleline)]
    private static partial Regex Block();

    [GeneratedRegex("^curl ", RegexOptions.Multiline)]
    private static partial Regex Command();

    [GeneratedRegex("(?<=thr_|req_)[0-9a-f]{32}")]
    private static partial Regex Hex();

    [GeneratedRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|\\+00:00)")]
    private static partial Regex Time();

    [GeneratedRegex("(\"definition\": ?\")sha256:[0-9a-f]{64}")]
    private static partial Regex Hash();
}
