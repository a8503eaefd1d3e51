using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Cli;

/// <summary>What was said and cannot be used never counts as not said: that would let in or delete more than somebody meant.</summary>
public sealed class Settings_in_the_wrong_form : IDisposable
{
    private readonly CommandLine _agentmcp = new();

    public Settings_in_the_wrong_form()
    {
        // Where the default database would be.
        _agentmcp.Environment["XDG_DATA_HOME"] = _agentmcp.Folder;
    }

    public void Dispose() => _agentmcp.Dispose();

    [Fact]
    public async Task A_list_in_the_file_is_all_that_is_in_it()
    {
        File("""
            {
              "auth": ["keys", "oidc"], "oidc_authority": "https://issuer.example", "oidc_audience": "agentmcp",
              "oidc_scopes": ["agents", "more"], "oidc_roles": ["run=agents:run", "approve=agents:approve"],
              "hosts": ["a.example", "b.example"], "proxies": ["10.0.0.1", "10.1.0.0/16"], "notify": ["ops", "mail"], "agents": ["one", "two"]
            }
            """);

        Assert.Equal(
            [
                ("agents", $"one{Path.PathSeparator}two"), ("notify", "ops,mail"), ("auth", "keys,oidc"), ("hosts", "a.example,b.example"), ("proxies", "10.0.0.1,10.1.0.0/16"),
                ("oidc_scopes", "agents more"), ("oidc_roles", "run=agents:run approve=agents:approve"),
            ], await InForce("agents", "notify", "auth", "hosts", "proxies", "oidc_scopes", "oidc_roles"));
    }

    [Fact]
    public async Task The_later_source_counts_in_whichever_form_it_says_it()
    {
        File("""{ "notify": ["ops", "mail"], "hosts": "a.example", "agents": ["one", "two"] }""");
        _agentmcp.Environment["AGENTMCP_NOTIFY"] = "boss";
        _agentmcp.Environment["AGENTMCP_HOSTS__0"] = "b.example";

        Assert.Equal([("notify", "boss"), ("hosts", "b.example"), ("agents", $"one{Path.PathSeparator}two")], await InForce("notify", "hosts", "agents"));
    }

    [Theory]
    [InlineData("""{ "approvals": ["human"] }""", "The setting approvals takes one value, not a list or fields.")]
    [InlineData("""{ "bind": { "address": "localhost" } }""", "The setting bind takes one value, not a list or fields.")]
    [InlineData("""{ "oidc_roles": { "run": "agents:run" } }""", "The setting oidc_roles takes a text or a list of texts.")]
    [InlineData("""{ "notify": [["ops"]] }""", "The setting notify takes a text or a list of texts.")]
    [InlineData("""{ "oidc_scopes": [null] }""", "The setting oidc_scopes takes a text or a list of texts.")]
    [InlineData("""{ "allow": "mia" }""", "The setting allow takes fields, not a text.")]
    [InlineData("""{ "channels": "ops" }""", "The setting channels takes fields, not a text.")]
    public async Task A_form_that_a_setting_does_not_take_stops_the_command_and_is_named(string file, string message)
    {
        File(file);

        var ran = await _agentmcp.Run("threads");
        var doctor = await _agentmcp.Run("doctor");

        Assert.Equal((2, "", message + "\n"), (ran.ExitCode, ran.Output, ran.Error));
        Assert.Equal((1, ""), (doctor.ExitCode, doctor.Error));
        Assert.Contains($"FAILED  settings   {message}", doctor.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--db takes FILE, not nothing.", "purge", "--db", "", "--older-than", "30d")]
    [InlineData("--db takes FILE, not nothing.", "restore", "backup.db", "--db", "")]
    [InlineData("--db takes FILE, not nothing.", "doctor", "--db", " ")]
    [InlineData("--db takes FILE, not nothing.", "stdio", "--db", "")]
    [InlineData("--approvals takes WHO, not nothing.", "threads", "--approvals", "")]
    [InlineData("Required argument missing for option: '--agents'.", "agents", "--agents=")]
    [InlineData("--port takes PORT, not nothing.", "http", "--port", "")]
    [InlineData("--inbox-port takes PORT, not nothing.", "stdio", "--inbox", "--inbox-port", "")]
    public async Task An_option_given_empty_is_refused_and_hides_no_variable(string message, params string[] arguments)
    {
        var ran = await _agentmcp.Run(arguments);

        Assert.Equal((2, "", message), (ran.ExitCode, ran.Output, ran.Error.Split('\n')[0]));
        Assert.Empty(Directory.EnumerateFileSystemEntries(_agentmcp.Folder));
    }

    [Fact]
    public async Task A_blank_variable_says_nothing()
    {
        _agentmcp.Environment["AGENTMCP_DB"] = " ";
        _agentmcp.Environment["AGENTMCP_APPROVALS"] = " ";

        var ran = await _agentmcp.Run("doctor", "--json");

        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
        Assert.Equal("caller", ran.Json.GetProperty("settings").GetProperty("approvals").GetString());
        Assert.EndsWith(Path.Combine("agentmcp", "threads.db"), ran.Json.GetProperty("settings").GetProperty("db").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_blank_variable_does_not_silence_the_file()
    {
        File("""{"approvals":"human"}""");
        _agentmcp.Environment["AGENTMCP_APPROVALS"] = "";

        Assert.Equal("human", (await _agentmcp.Run("doctor", "--json")).Json.GetProperty("settings").GetProperty("approvals").GetString());
    }

    [Fact]
    public async Task A_server_warns_of_a_name_that_is_nearly_a_setting_and_of_no_other()
    {
        _agentmcp.Environment["AGENTMCP_APPROVAL"] = "human";
        File("""{ "oidc_scope": "agents", "Logging": { "LogLevel": { "Default": "Debug" } } }""");

        var ran = await _agentmcp.Run("stdio");

        Assert.Equal(
            ["'oidc_scope' in appsettings.json is no setting; did you mean 'oidc_scopes'?", "AGENTMCP_APPROVAL is no setting; did you mean AGENTMCP_APPROVALS?"],
            ran.Error.Split('\n').Where(line => line.Contains("no setting", StringComparison.Ordinal)).Select(line => line[(line.IndexOf("] ", StringComparison.Ordinal) + 2)..]));
        Assert.Equal((0, ""), (ran.ExitCode, ran.Output));
    }

    private void File(string settings) => System.IO.File.WriteAllText(Path.Combine(_agentmcp.Folder, "appsettings.json"), settings);

    private async Task<IEnumerable<(string, string?)>> InForce(params string[] names)
    {
        var settings = (await _agentmcp.Run("doctor", "--json")).Json.GetProperty("settings");
        return names.Select(name => (name, settings.GetProperty(name).GetString()));
    }
}
