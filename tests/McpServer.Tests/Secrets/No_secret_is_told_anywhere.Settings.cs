using System.Text.Json;

namespace AgentMcp.Server.Tests.Secrets;

/// <summary>Where the secrets are planted.</summary>
public sealed partial class No_secret_is_told_anywhere
{
    private void Configure()
    {
        var agents = Directory.CreateDirectory(Path.Combine(_agentmcp.Folder, "agents")).FullName;
        const string Talks = "tools: [parrot.repeat, parrot.fail, parrot.refuse, request_human_input]\ngates: { parrot.repeat: none, parrot.fail: none, parrot.refuse: none }";
        Write("talker", Talks);
        Write(Rude, Talks);
        Write("stuck", "tools: [\"broken.*\"]");
        var mcp = Path.Combine(_agentmcp.Folder, "mcp.json");
        File.WriteAllText(mcp, JsonSerializer.Serialize(new
        {
            mcpServers = new Dictionary<string, object>
            {
                ["parrot"] = new { url = _parrot.Url, headers = new Dictionary<string, string> { ["Authorization"] = $"Bearer {Header}", ["X-" + Parrot.Control] = "yes" } },
                ["broken"] = new
                {
                    command = "sh",
                    args = (string[])["-c", $"echo \"{Parrot.Control} was started with $SERVICE_TOKEN and $1\" >&2; exit 3", "--token", Argument],
                    env = new { SERVICE_TOKEN = Environment },
                },
            },
        }));
        foreach (var (name, value) in new[]
        {
            ("AGENTS", agents), ("AGENTS_HOME", "off"), ("MCP", mcp), ("BASE_URL", _parrot.Model), ("API_KEY", ModelKey), ("DEPLOY_GITHUB_TOKEN", GitHub), ("AUTH", "keys"),
            ("OTLP", _collector.Url), ("TELEMETRY_CONTENT", "on"), ("TRIGGERS__CI__TYPE", "webhook"), ("TRIGGERS__CI__SECRET", Hook), ("TRIGGERS__CI__AGENT", "talker"),
        })
        {
            _agentmcp.Environment["AGENTMCP_" + name] = value;
        }

        foreach (var (name, value) in _hook.As("hook").Concat(_slack.As("team", "notify=hook,team")))
        {
            _agentmcp.Environment["AGENTMCP_" + name.ToUpperInvariant()] = value;
        }

        _agentmcp.Environment["OTEL_EXPORTER_OTLP_HEADERS"] = $"x-collector-team={Uri.EscapeDataString(CollectorKey)},x-tenant=blue";

        void Write(string name, string fields) => File.WriteAllText(Path.Combine(agents, name + ".agent.md"),
            $"---\nname: {name}\ndescription: An agent of the tests.\nmodel: \"openai:played\"\n{fields}\n---\nYou are {name}, {Parrot.Control}.\n");
    }
}
