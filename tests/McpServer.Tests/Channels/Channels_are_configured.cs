using System.Text.Json;
using AgentMcp.Server.Tests.Cli;

namespace AgentMcp.Server.Tests.Channels;

public sealed class Channels_are_configured : IDisposable
{
    private readonly CommandLine _agentmcp = new();

    public void Dispose() => _agentmcp.Dispose();

    [Theory]
    [InlineData("ops", "", "it needs a type: webhook, slack, email")]
    [InlineData("ops", "TYPE=pigeon", "its type must be webhook or slack or email, not 'pigeon'")]
    [InlineData("ops", "TYPE=webhook URL=https://a.example/x", "webhook needs secret")]
    [InlineData("ops", "TYPE=webhook URL=ftp://a.example/x SECRET=whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "url must be an address that begins with https:// or http://, without a user in it")]
    [InlineData("ops", "TYPE=webhook URL=https://a.example/x SECRET=hush", "each secret must be whsec_ and 24 to 64 bytes in base64")]
    [InlineData("ops", "TYPE=webhook URL=https://a.example/x SECRET=whsec_AAAA", "each secret must be whsec_ and 24 to 64 bytes in base64")]
    [InlineData("ops", "TYPE=webhook URI=https://a.example/x", "there is no 'uri' for webhook; there are type, attempts, url, secret")]
    [InlineData("ops", "TYPE=slack TOKEN=xoxb-1 TO=C1", "slack needs signing_secret")]
    [InlineData("ops", "TYPE=email HOST=mail.example FROM=nobody TO=mia@people.example", "from must be one e-mail address")]
    [InlineData("ops", "TYPE=email HOST=mail.example FROM=a@mail.example TO=mia", "to must be e-mail addresses, separated by commas")]
    [InlineData("ops", "TYPE=email HOST=mail.example FROM=a@mail.example TO=mia@people.example USER=me", "user and password go together")]
    [InlineData("ops", "TYPE=email HOST=mail.example FROM=a@mail.example TO=mia@people.example SECURITY=some", "security must be starttls, tls or none")]
    [InlineData("ops", "TYPE=email HOST=mail.example FROM=a@mail.example TO=mia@people.example PORT=none", "port must be a number from 1 to 65535")]
    [InlineData("o.ps", "TYPE=webhook", "its name may have letters, digits, _ and -, and at most 40 of them")]
    public async Task Half_a_channel_stops_the_start_with_one_line_that_says_what_is_missing(string name, string fields, string problem)
    {
        foreach (var field in fields.Length == 0 ? ["ATTEMPTS=3"] : fields.Split(' '))
        {
            _agentmcp.Environment[$"AGENTMCP_CHANNELS__{name.ToUpperInvariant()}__{field.Split('=')[0]}"] = field.Split('=')[1];
        }

        var ran = await _agentmcp.Run("threads");
        Assert.Equal((2, $"The channel '{name}' cannot be used: {problem}. See channels in appsettings.json, or AGENTMCP_CHANNELS__{name.ToUpperInvariant()}__*."), (ran.ExitCode, ran.Error.Trim()));
    }

    [Fact]
    public async Task Doctor_shows_that_a_channel_is_set_and_nothing_of_what_it_is_set_to()
    {
        File.WriteAllText(Path.Combine(_agentmcp.Folder, "appsettings.json"), $$"""
            {
              "notify": "ops", "escalate_to": "Boss",
              "channels": {
                "ops": { "type": "webhook", "url": "https://a.example/secret/path", "secret": ["{{Receiver.Secret}}", "{{Receiver.OldSecret}}"], "attempts": 5 },
                "mail": { "type": "email", "host": "mail.example", "from": "a@mail.example", "to": "mia@people.example" }
              }
            }
            """);
        var ran = await _agentmcp.Run("doctor", "--json");
        Assert.Equal(1, ran.ExitCode);
        Assert.Equal(
            [
                ("ok", "mail: email, from (set), host (set), to (set)"),
                ("ok", "ops: webhook, attempts 5, secret (set), url (set)"),
                ("broken", "the server (notify, escalate_to) names the channel 'Boss', which is not configured; there are mail, ops. Nobody is told through it until it is: add it to channels in appsettings.json, or set AGENTMCP_CHANNELS__BOSS__TYPE."),
                ("note", "the server (notify, escalate_to) has escalate_to and no escalate_after, so nothing is escalated: set it to a time such as 90s, 15m, 4h or 2d."),
                ("note", "Mails link to this machine's own address. Set AGENTMCP_PUBLIC_URL to where people's browsers reach the inbox."),
            ],
            ran.Json.GetProperty("checks").EnumerateArray().Where(check => check.GetProperty("name").GetString() == "channels").Select(check => (Text(check, "status"), Text(check, "detail"))));
    }

    [Fact]
    public async Task Without_channels_there_is_nothing_to_say_of_them()
    {
        Assert.DoesNotContain("channels", (await _agentmcp.Run("doctor", "--json")).Json.GetProperty("checks").EnumerateArray().Select(check => Text(check, "name")));
    }

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
