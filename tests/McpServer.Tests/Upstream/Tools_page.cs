using System.Text.RegularExpressions;
using AgentMcp.Agents;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Tools;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Upstream;
using Microsoft.Extensions.Configuration;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>The examples of docs/tools.md and docs/remote.md are what they say; the librarian is run as written.</summary>
public sealed partial class Tools_page : IDisposable
{
    private readonly TestFolder _folder = new();

    public static TheoryData<string> Agents => [.. Fenced("tools.md", "markdown"), .. Fenced("remote.md", "markdown")];

    public static TheoryData<string> Configurations => [.. Fenced("tools.md", "json"), .. Fenced("remote.md", "json")];

    [Theory]
    [MemberData(nameof(Agents))]
    public void Every_agent_loads(string file) =>
        Assert.NotEmpty(AgentFile.Parse("docs.agent.md", file, new Dictionary<string, Tool>()).Intents.OfType<ServerTools>());

    [Theory]
    [MemberData(nameof(Configurations))]
    public void Every_configuration_is_read(string json)
    {
        Environment.SetEnvironmentVariable("ISSUES_TOKEN", "secret-token");
        var servers = Read(json);
        Assert.NotEmpty(servers);
        Assert.All(servers, server => Assert.DoesNotContain("secret-token", server.Shown));
        Assert.All(servers.Where(server => server.Headers.Count > 0), server => Assert.Equal("Bearer secret-token", server.Headers["Authorization"]));
    }

    [Theory]
    [InlineData("""{"a b":{"command":"x"}}""", "its name must be letters, digits, _ and -, at most 64, because its tools are called name.tool")]
    [InlineData("""{"a":{"command":"x","url":"http://x"}}""", "it has a command and a url; leave one of the two out")]
    [InlineData("""{"a":{"args":["x"]}}""", "it needs a command or a url")]
    [InlineData("""{"a":{"url":"ftp://x"}}""", "its url must begin with https:// or http://, not 'ftp://x'")]
    [InlineData("""{"a":{"command":"x","type":"http"}}""", "its type is 'http'; it must be stdio with a command, or http with a url")]
    [InlineData("""{"a":{"command":"x","trust":"maybe"}}""", "trust must be true or false, not 'maybe'")]
    [InlineData("""{"a":{"comand":"x"}}""", "there is no field 'comand'; there are command, args, env and cwd, or url and headers, and type, trust and disabled")]
    [InlineData("""{"a":{"command":"${AGENTMCP_NOBODY_SET_THIS}"}}""", "the environment has no AGENTMCP_NOBODY_SET_THIS, which it names; set it, or write ${AGENTMCP_NOBODY_SET_THIS:-otherwise}")]
    public void A_server_that_cannot_be_used_is_named_with_the_reason(string servers, string reason) =>
        Assert.EndsWith($"cannot be used: {reason}.", Assert.Throws<SettingsException>(() => Read($$"""{"mcpServers":{{servers}}}""")).Message);

    [Fact]
    public void A_file_that_is_not_there_or_no_json_says_what_it_should_hold()
    {
        Assert.Contains("There is no such file.", Assert.Throws<SettingsException>(() => UpstreamSettings.Read(new ConfigurationBuilder().Build(), Path.Combine(_folder.Path, "none.json"))).Message);
        Assert.Contains("It is not JSON", Assert.Throws<SettingsException>(() => Read("{")).Message);
    }

    [Fact]
    public async Task The_librarian_reads_at_once_and_moves_nothing_without_a_yes()
    {
        using var office = new Office();
        office.WithNode("files", "filesystem", arguments: office.Files).Agent("unused", "tools: [\"files.*\"]");
        await File.WriteAllTextAsync(Path.Combine(office.Files, "a.txt"), "a note", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(Path.Combine(office.Path("agents"), "librarian.agent.md"), Fenced("tools.md", "markdown")[0], TestContext.Current.CancellationToken);
        await using var server = await office.Start(more: new() { ["model"] = "caller" });

        var read = await server.Take("librarian", new { intent = "files.read_text_file", path = Path.Combine(office.Files, "a.txt") });
        var move = await server.Next(read.ThreadId, new { intent = "files.move_file", source = Path.Combine(office.Files, "a.txt"), destination = Path.Combine(office.Files, "b.txt") });

        Assert.Equal(("next_step", "approval", true), (read.Kind, move.Kind, File.Exists(Path.Combine(office.Files, "a.txt"))));
    }

    public void Dispose() => _folder.Dispose();

    private IReadOnlyList<UpstreamSettings> Read(string json)
    {
        var file = Path.Combine(_folder.Path, "mcp.json");
        File.WriteAllText(file, json);
        return UpstreamSettings.Read(new ConfigurationBuilder().Build(), file);
    }

    private static List<string> Fenced(string page, string language) =>
        [.. Fence().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", page)).ReplaceLineEndings("\n"))
            .Where(block => block.Groups["language"].Value == language).Select(block => block.Groups["body"].Value)];

    [GeneratedRegex(@"^```(?<language>\w*)\n(?<body>.*?\n)```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
