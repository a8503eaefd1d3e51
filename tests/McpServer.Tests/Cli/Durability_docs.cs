using System.Text.RegularExpressions;
using AgentMcp.Server.Tests.Rest;

namespace AgentMcp.Server.Tests.Cli;

/// <summary>docs/durability.md promises nothing without a test.</summary>
public sealed partial class Durability_docs
{
    private static readonly string Text = File.ReadAllText(RepositoryFile.Path("docs/durability.md"));

    [Fact]
    public void Every_test_that_is_named_exists()
    {
        var tests = Directory.EnumerateFiles(RepositoryFile.Path("tests"), "*.cs", SearchOption.AllDirectories)
            .ToLookup(Path.GetFileNameWithoutExtension, File.ReadAllText);
        var named = Named().Matches(Text).Select(match => (Class: match.Groups[1].Value, Test: match.Groups[2].Value)).ToList();
        Assert.NotEmpty(named);
        Assert.DoesNotContain(named, test => !tests[test.Class].Any(text => text.Contains($"{test.Test}(", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Every_command_that_is_shown_is_one()
    {
        using var agentmcp = new CommandLine();
        foreach (var command in Shown().Matches(Text).Select(match => match.Groups[1].Value).Distinct())
        {
            Assert.Equal((command, 0), (command, (await agentmcp.Run([.. command.Split(' '), "--help"])).ExitCode));
        }
    }

    [GeneratedRegex(@"`([A-Z]\w+)\.([A-Z]\w+)`")]
    private static partial Regex Named();

    [GeneratedRegex(@"^agentmcp (.+)$", RegexOptions.Multiline)]
    private static partial Regex Shown();
}
