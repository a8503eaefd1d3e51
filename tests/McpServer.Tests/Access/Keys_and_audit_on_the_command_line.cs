using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMcp.Server.Tests.Cli;

namespace AgentMcp.Server.Tests.Access;

public sealed partial class Keys_and_audit_on_the_command_line : IDisposable
{
    private readonly CommandLine _agentmcp = new();

    [Fact]
    public async Task A_key_is_shown_once_and_stored_as_a_hash()
    {
        var made = await _agentmcp.Run("keys", "create", "ci", "--roles", "run,approve", "--agents-only", "calculator", "--expires", "90d");
        var key = made.Output.Split('\n')[0].Trim();
        var twice = await _agentmcp.Run("keys", "create", "ci", "--roles", "run");
        var listed = await _agentmcp.Run("keys", "list", "--json");
        var revoked = await _agentmcp.Run("keys", "revoke", "ci");
        var again = await _agentmcp.Run("keys", "revoke", "ci");

        Assert.Matches("^amk_[0-9a-f]{12}_[A-Za-z0-9_-]{43}$", key);
        Assert.Equal((2, "There is a key of ci already. Choose another name, or take that one back first: agentmcp keys revoke ci"), (twice.ExitCode, twice.Error.Trim()));
        var row = listed.Json.EnumerateArray().Single();
        Assert.Equal(("ci", "in_force", "[\"run\",\"approve\"]", "[\"calculator\"]"),
            (row.GetProperty("name").GetString(), row.GetProperty("status").GetString(), Compact(row.GetProperty("roles")), Compact(row.GetProperty("agents"))));
        Assert.Equal((0, 2), (revoked.ExitCode, again.ExitCode));
        foreach (var file in Directory.EnumerateFiles(_agentmcp.Folder))
        {
            Assert.DoesNotContain(key[17..], await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("local", "run", "'local' would be taken for something else: a role, this machine or a thread. Choose another name.")]
    [InlineData("Admin", "run", "'Admin' would be taken for something else: a role, this machine or a thread. Choose another name.")]
    [InlineData("a b", "run", "'a b' is no name for a key. Use up to 64 letters, digits and . _ - @ +, beginning with a letter or digit.")]
    [InlineData("ci", "root", "--roles takes run, read, approve, admin, separated by commas, not 'root'.")]
    public async Task What_cannot_be_a_key_is_told(string name, string roles, string reason)
    {
        var ran = await _agentmcp.Run("keys", "create", name, "--roles", roles);

        Assert.Equal((2, reason), (ran.ExitCode, ran.Error.Trim()));
    }

    [Theory]
    [InlineData("0.0.0.0")]
    [InlineData("*")]
    [InlineData("192.0.2.7")]
    public async Task A_server_is_not_opened_to_the_network_without_authentication(string bind)
    {
        _agentmcp.Environment["AGENTMCP_BIND"] = bind;

        var ran = await _agentmcp.Run("http", "--port", "0");

        Assert.Equal(2, ran.ExitCode);
        Assert.EndsWith("Set auth to keys (AGENTMCP_AUTH=keys) and make a key with agentmcp keys create NAME --roles run, or set auth to oidc; or leave bind at localhost.", ran.Error.Trim(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_audit_tells_who_did_what_as_json_lines()
    {
        await _agentmcp.Run("keys", "create", "ci", "--roles", "run");
        var thread = await _agentmcp.Call("calculator", "divide 3 by 4");
        await _agentmcp.Run("answer", thread, "--approve", "--comment", "fine");
        var second = await _agentmcp.Call("calculator", "divide 3 by 4");
        await _agentmcp.Run("cancel", second, "--reason", "enough");
        await _agentmcp.Run("keys", "revoke", "ci");

        var told = await _agentmcp.Run("audit", "--json");
        var nothing = await _agentmcp.Run("audit", "--json", "--since", "2100-01-01");
        var words = await _agentmcp.Run("audit");

        Assert.Equal(
            """
            {"action":"key_created","by":"local","channel":"cli","key":"KEY","name":"ci","roles":["run"]}
            {"action":"thread_started","by":"local","channel":"cli","thread_id":"A","version":1,"agent":"calculator","owner":"local","trigger":"message_received"}
            {"action":"request_answered","by":"local","channel":"cli","thread_id":"A","version":4,"agent":"calculator","owner":"local","request":3,"approved":true,"comment":"fine","asked":{"tool":"divide","arguments":{"a":3,"b":4},"digest":"sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b"}}
            {"action":"thread_started","by":"local","channel":"cli","thread_id":"B","version":1,"agent":"calculator","owner":"local","trigger":"message_received"}
            {"action":"thread_cancelled","by":"local","channel":"cli","thread_id":"B","version":4,"agent":"calculator","owner":"local","reason":"enough"}
            {"action":"key_revoked","by":"local","channel":"cli","key":"KEY","name":"ci","roles":["run"]}
            """.ReplaceLineEndings("\n"),
            Changing().Replace(told.Output.Trim(), match => match.Groups["key"].Success ? "\"key\":\"KEY\"" : "").Replace(thread, "A", StringComparison.Ordinal).Replace(second, "B", StringComparison.Ordinal));
        Assert.Equal("", nothing.Output);
        Assert.Equal(
            ["local made the key of ci through cli", $"local started {thread} (calculator) through cli", $$"""local answered req_{{thread[4..]}}_3 of calculator with yes: divide {"a":3,"b":4} (sha256:98f9191c463fffc8bfcc827bccfee9022f1b3148996d7fc067fd3f466fcb570b) through cli""",
                $"local started {second} (calculator) through cli", $"local cancelled {second} (calculator, of local) through cli", "local revoked the key of ci through cli"],
            words.Output.Trim().Split('\n').Select(line => line[22..]));
    }

    [Fact]
    [Trait("Accepts", "F11.6")]
    public async Task What_was_approved_in_place_of_what_was_asked_is_told_beside_it()
    {
        await File.WriteAllTextAsync(Path.Combine(_agentmcp.Folder, "careful.agent.md"),
            "---\nname: careful\ndescription: An agent of the tests.\nmodel: caller\ntools: [divide]\nchanges: [divide]\n---\nYou are {{agent}}.\n", TestContext.Current.CancellationToken);
        _agentmcp.Environment["AGENTMCP_AGENTS"] = _agentmcp.Folder;
        var thread = await _agentmcp.Call("careful", "go");
        await _agentmcp.Run("answer", thread, "--response", """{"intent":"divide","a":3,"b":0}""");
        await _agentmcp.Run("answer", thread, "--with", """{"a":3,"b":4}""");

        var told = await _agentmcp.Run("audit", "--json");
        var words = await _agentmcp.Run("audit");

        Assert.Equal(
            """
            {"action":"thread_started","by":"local","channel":"cli","thread_id":"A","version":1,"agent":"careful","owner":"local","trigger":"message_received"}
            {"action":"request_answered","by":"local","channel":"cli","thread_id":"A","version":3,"agent":"careful","owner":"local","request":2,"response":{"intent":"divide","a":3,"b":0}}
            {"action":"request_answered","by":"local","channel":"cli","thread_id":"A","version":6,"agent":"careful","owner":"local","request":5,"approved":true,"arguments":{"a":3,"b":4},"asked":{"tool":"divide","arguments":{"a":3,"b":0},"digest":"sha256:b4e405cec6af6ac33fade26fd77453a040b460a4304dfe65b3c1c253cc6c3b6c"}}
            """.ReplaceLineEndings("\n"),
            Changing().Replace(told.Output.Trim(), "").Replace(thread, "A", StringComparison.Ordinal));
        Assert.Equal(
            [
                $"local started {thread} (careful) through cli", $"local answered req_{thread[4..]}_2 of careful through cli",
                $$"""local answered req_{{thread[4..]}}_5 of careful with yes: divide {"a":3,"b":4} instead of {"a":3,"b":0} (sha256:b4e405cec6af6ac33fade26fd77453a040b460a4304dfe65b3c1c253cc6c3b6c) through cli""",
            ],
            words.Output.Trim().Split('\n').Select(line => line[22..]));
    }

    public void Dispose() => _agentmcp.Dispose();

    private static string Compact(JsonElement value) => JsonSerializer.Serialize(value);

    [GeneratedRegex("\"at\":\"[^\"]+\",|(?<key>\"key\":\"[0-9a-f]{12}\")")]
    private static partial Regex Changing();
}
