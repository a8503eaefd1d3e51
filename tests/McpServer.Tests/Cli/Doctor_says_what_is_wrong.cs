using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Tests.Cli;

public sealed class Doctor_says_what_is_wrong : IDisposable
{
    private readonly CommandLine _agentmcp = new();

    public void Dispose() => _agentmcp.Dispose();

    [Fact]
    public async Task A_sound_installation_is_ok_and_nothing_was_created_by_looking()
    {
        var ran = await _agentmcp.Run("doctor");

        Assert.Equal(0, ran.ExitCode);
        Assert.Matches(
            $"""
            ^ok      program    agentmcp \S+, \.NET .*, SQLite .*, schema {Database.LatestVersion}, .*
            ok      database   {Regex.Escape(_agentmcp.Database)}: not there yet; it is created when it is first used
            ok      model      rules: built-in decision tables for calculator, deploybot and rollback, no model
            ok      agents     calculator, deploybot, pipeline, rollback
            ok      git        git version .*
            note    deploybot  It has nothing to deploy: set AGENTMCP_DEPLOY_REPO to a git repository, or AGENTMCP_DEPLOY_GITHUB to owner/name\.
            note    pipeline   It is not set up: it needs AGENTMCP_PIPELINE_STAGING_URL, AGENTMCP_PIPELINE_PRODUCTION_URL, AGENTMCP_DEPLOY_REPO and AGENTMCP_DEPLOY_RELEASES\.

            Settings in force
            """, ran.Output);
        Assert.EndsWith("\nNothing is broken.\n", ran.Output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_agentmcp.Folder));
    }

    [Fact]
    public async Task It_counts_the_threads_of_the_database_it_looks_at()
    {
        await _agentmcp.Call("calculator", "divide 3 by 4");
        await _agentmcp.Call("calculator", "multiply 3 and 4");

        Assert.EndsWith($"schema {Database.LatestVersion}, writable, threads: 1 completed, 1 pending", Detail(await _agentmcp.Run("doctor", "--json"), "database"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_broken_setting_is_named_and_the_rest_is_still_looked_at()
    {
        _agentmcp.Environment["AGENTMCP_PORT"] = "many";
        _agentmcp.Environment["AGENTMCP_APPROVALS"] = "nobody";

        var ran = await _agentmcp.Run("doctor", "--json");

        Assert.Equal(1, ran.ExitCode);
        Assert.False(ran.Json.GetProperty("ok").GetBoolean());
        Assert.Equal(
            [
                ("settings", "broken", "The setting approvals must be caller or human, not 'nobody'. Change AGENTMCP_APPROVALS, or approvals in appsettings.json."),
                ("settings", "broken", "The setting port must be a number from 0 to 65535, not 'many'. Change AGENTMCP_PORT, or port in appsettings.json."),
            ], Checks(ran).Take(2));
        Assert.Contains(("agents", "ok", "calculator, deploybot, pipeline, rollback"), Checks(ran));
    }

    [Fact]
    public async Task A_model_without_a_key_a_bad_agent_file_and_an_unusable_database_are_broken()
    {
        await File.WriteAllTextAsync(Path.Combine(_agentmcp.Folder, "broken.agent.md"), "no front matter", TestContext.Current.CancellationToken);
        _agentmcp.Environment["OPENAI_API_KEY"] = "";

        var ran = await _agentmcp.Run(
            "doctor", "--json", "--model", "openai:some", "--agents", _agentmcp.Folder, "--db", Path.Combine(_agentmcp.Folder, "broken.agent.md", "threads.db"));

        Assert.Equal(1, ran.ExitCode);
        Assert.Equal(["database", "model", "agents"], Checks(ran).Where(check => check.Status == "broken").Select(check => check.Name));
    }

    [Fact]
    public async Task Secrets_are_shown_as_set_and_never_themselves()
    {
        _agentmcp.Environment["AGENTMCP_MODEL"] = "openai:some";
        _agentmcp.Environment["AGENTMCP_API_KEY"] = "hush-1";
        _agentmcp.Environment["AGENTMCP_DEPLOY_GITHUB_TOKEN"] = "hush-2";

        var shown = await _agentmcp.Run("doctor");
        var json = await _agentmcp.Run("doctor", "--json");

        Assert.DoesNotContain("hush", shown.Output + json.Output, StringComparison.Ordinal);
        Assert.Equal("(set)", json.Json.GetProperty("settings").GetProperty("api_key").GetString());
    }

    [Fact]
    public async Task Missing_git_is_broken_only_where_it_is_needed()
    {
        _agentmcp.Environment["PATH"] = _agentmcp.Folder;
        Assert.Equal("note", Status(await _agentmcp.Run("doctor", "--json"), "git"));

        _agentmcp.Environment["AGENTMCP_DEPLOY_REPO"] = _agentmcp.Folder;
        Assert.Equal("broken", Status(await _agentmcp.Run("doctor", "--json"), "git"));
    }

    [Fact]
    public async Task A_repository_that_is_none_is_broken()
    {
        _agentmcp.Environment["AGENTMCP_DEPLOY_REPO"] = _agentmcp.Folder;

        var ran = await _agentmcp.Run("doctor", "--json");

        Assert.Equal((1, "broken"), (ran.ExitCode, Status(ran, "deploybot")));
    }

    [Fact]
    public async Task A_server_that_would_be_open_to_the_network_is_broken()
    {
        _agentmcp.Environment["AGENTMCP_BIND"] = "*";
        var open = await _agentmcp.Run("doctor", "--json");
        _agentmcp.Environment["AGENTMCP_AUTH"] = "keys";
        var guarded = await _agentmcp.Run("doctor", "--json");

        Assert.Equal((1, 0), (open.ExitCode, guarded.ExitCode));
        Assert.StartsWith("agentmcp http is not started: on 0.0.0.0 anybody on the network could reach it", Checks(open).Single(check => check is ("bind", "broken", _)).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_name_that_is_no_setting_is_noted_with_the_one_that_was_meant()
    {
        _agentmcp.Environment["AGENTMCP_APPROVAL"] = "human";
        _agentmcp.Environment["AGENTMCP_CHANELS__OPS__TYPE"] = "webhook";
        _agentmcp.Environment["AGENTMCP_SOMETHING_ELSE"] = "x";
        _agentmcp.Environment["AGENTMCP_ALLOW__DEPLOYBOT"] = "mia";
        await File.WriteAllTextAsync(Path.Combine(_agentmcp.Folder, "appsettings.json"), """{ "oidc_scope": "agents", "Notify": "", "$schema": "x", "mcpServers": {}, "rate_limits": {} }""", TestContext.Current.CancellationToken);

        var ran = await _agentmcp.Run("doctor", "--json");

        Assert.Equal(0, ran.ExitCode);
        Assert.Equal(
            [
                ("settings", "note", "'oidc_scope' in appsettings.json is no setting; did you mean 'oidc_scopes'?"),
                ("settings", "note", "AGENTMCP_APPROVAL is no setting; did you mean AGENTMCP_APPROVALS?"),
                ("settings", "note", "AGENTMCP_CHANELS__* is no setting; did you mean AGENTMCP_CHANNELS__*?"),
                ("settings", "note", "AGENTMCP_SOMETHING_ELSE is no setting."),
            ], Checks(ran).Where(check => check.Name == "settings"));
    }

    [Fact]
    public async Task A_mistyped_name_is_told_beside_what_is_missing_for_it()
    {
        _agentmcp.Environment["AGENTMCP_AUTH"] = "oidc";
        _agentmcp.Environment["AGENTMCP_OIDC_AUTHORTY"] = "https://issuer.example";

        var ran = await _agentmcp.Run("doctor", "--json");

        Assert.Equal(1, ran.ExitCode);
        Assert.Contains(("settings", "note", "AGENTMCP_OIDC_AUTHORTY is no setting; did you mean AGENTMCP_OIDC_AUTHORITY?"), Checks(ran));
    }

    [Fact]
    public async Task A_section_that_cannot_be_used_is_broken()
    {
        _agentmcp.Environment["AGENTMCP_RATE_LIMITS__MISTRAL__REQUESTS"] = "1";

        var ran = await _agentmcp.Run("doctor", "--json");

        Assert.Equal(1, ran.ExitCode);
        Assert.Equal([("settings", "broken", "The setting rate_limits knows no provider 'mistral'; there are anthropic, openai, azure.")], Checks(ran));
    }

    [Fact]
    public async Task A_restriction_of_an_agent_that_is_not_there_is_broken()
    {
        _agentmcp.Environment["AGENTMCP_ALLOW__DEPLOYBOTT"] = "mia";
        _agentmcp.Environment["AGENTMCP_ALLOW__DEPLOYBOT"] = "mia";

        var ran = await _agentmcp.Run("doctor", "--json");

        Assert.Equal(1, ran.ExitCode);
        Assert.Equal([("allow", "broken", "The setting allow restricts 'DEPLOYBOTT', and there is no such agent. agentmcp agents shows those there are.")],
            Checks(ran).Where(check => check.Name == "allow"));
    }

    [Fact]
    public async Task The_entry_for_hosts_starts_this_program_with_these_settings()
    {
        var entry = (await _agentmcp.Run("doctor", "--json")).Json.GetProperty("host_entry").GetProperty("mcpServers").GetProperty("agentmcp");

        Assert.Equal(_agentmcp.Database, entry.GetProperty("env").GetProperty("AGENTMCP_DB").GetString());
        Assert.Equal("rules", entry.GetProperty("env").GetProperty("AGENTMCP_MODEL").GetString());
        using var server = Process.Start(new ProcessStartInfo(
            entry.GetProperty("command").GetString()!, entry.GetProperty("args").EnumerateArray().Select(argument => argument.GetString()!))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            Environment = { ["AGENTMCP_DB"] = _agentmcp.Database },
        })!;
        await server.StandardInput.WriteLineAsync(
            """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-06-18","capabilities":{},"clientInfo":{"name":"test","version":"1"}}}""");
        var answer = JsonElement.Parse((await server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!);
        server.StandardInput.Close();
        await server.WaitForExitAsync(TestContext.Current.CancellationToken);

        Assert.Equal("agentmcp", answer.GetProperty("result").GetProperty("serverInfo").GetProperty("name").GetString());
    }

    private static IEnumerable<(string Name, string Status, string Detail)> Checks(CommandLine.Ran ran) => ran.Json.GetProperty("checks").EnumerateArray()
        .Select(check => (check.GetProperty("name").GetString()!, check.GetProperty("status").GetString()!, check.GetProperty("detail").GetString()!));

    private static string Status(CommandLine.Ran ran, string name) => Checks(ran).First(check => check.Name == name).Status;

    private static string Detail(CommandLine.Ran ran, string name) => Checks(ran).First(check => check.Name == name).Detail;
}
