using System.Text.Json.Nodes;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Secrets;

public sealed class What_counts_as_a_secret
{
    [Theory]
    [InlineData("API_KEY", "abcdefgh", "abcdefgh")]
    [InlineData("--api-key", "abcdefgh", "abcdefgh")]
    [InlineData("Authorization", "Bearer abcdefgh", "Bearer abcdefgh")]
    [InlineData("GITHUB_PAT", "abcdefgh", "abcdefgh")]
    [InlineData("DB_PASSWORD", "abcdefgh", "abcdefgh")]
    [InlineData("DATABASE_URL", "postgres://me:abcdefgh@host/db", "me:abcdefgh")]
    [InlineData("ROOT", "/srv/projects", null)]
    [InlineData("GIT_AUTHOR_NAME", "Mia Meier", null)]
    [InlineData("--path", "/srv/projects", null)]
    [InlineData("Accept", "application/json", null)]
    public void It_is_known_by_its_name_or_its_looks(string name, string value, string? secret) =>
        Assert.Equal(secret is null ? [] : [secret], KnownSecrets.Among([KeyValuePair.Create(name, value)]));

    [Fact]
    public void It_goes_out_of_every_text_of_a_message_and_nothing_else_does()
    {
        var secrets = new KnownSecrets(["Bearer abc/defgh", "short", null]);
        var message = JsonNode.Parse("""{"a":["is abc/defgh, twice abc/defgh",1,null,{"b":"x?key=abc%2Fdefgh"}],"c":"short stays","d":"abc"}""");

        secrets.Clean(message);

        Assert.Equal("""{"a":["is [redacted], twice [redacted]",1,null,{"b":"x?key=[redacted]"}],"c":"short stays","d":"abc"}""", message!.ToJsonString());
    }

    [Fact]
    public void Arguments_and_addresses_are_shown_without_it()
    {
        using var folder = new TestFolder();
        var file = Path.Combine(folder.Path, "mcp.json");
        File.WriteAllText(file, """
            {"mcpServers": {
              "a": {"command": "serve", "args": ["--root", "/srv/projects", "--token", "abcdefgh", "--api-key=ijklmnop", "--verbose"]},
              "b": {"url": "https://me:abcdefgh@host/mcp?api_key=ijklmnop", "headers": {"X-Team": "blue"}}
            }}
            """);

        var settings = Settings.Load(new Dictionary<string, string?> { ["mcp"] = file, ["db"] = folder.Database });

        Assert.Equal(
            ["serve --root /srv/projects --token [redacted] --api-key=[redacted] --verbose", "https://[redacted]@host/mcp with X-Team"],
            settings.Upstreams.Select(server => server.Shown));
    }
}
