using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.NodeClients;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>
/// A server of ours whose agents use the tools of other servers. The agents' model is the caller, so that a test
/// chooses each step.
/// </summary>
internal sealed class Office : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly JsonObject _servers = [];

    public string Database => _folder.Database;

    public string Path(string name) => System.IO.Path.Combine(_folder.Path, name);

    /// <summary>Where the filesystem server may read and write.</summary>
    public string Files => Directory.CreateDirectory(Path("files")).FullName;

    public Dictionary<string, string> Settings => new() { ["agents"] = Path("agents"), ["mcp"] = Path("mcp.json") };

    /// <summary>One of the servers that npm installs, such as <c>filesystem</c>.</summary>
    public Office WithNode(string name, string package, bool trust = false, params string[] arguments)
    {
        Node.Require(Node.Servers);
        return With(name, new
        {
            command = "node",
            args = (string[])[System.IO.Path.Combine(Node.Servers, "node_modules", "@modelcontextprotocol", $"server-{package}", "dist", "index.js"), .. arguments],
            trust,
        });
    }

    public Office With(string name, object entry)
    {
        _servers[name] = JsonSerializer.SerializeToNode(entry);
        return this;
    }

    public Office Agent(string name, string fields, string model = "caller")
    {
        Directory.CreateDirectory(Path("agents"));
        File.WriteAllText(Path($"agents/{name}.agent.md"), $"---\nname: {name}\ndescription: An agent of the tests.\nmodel: {model}\n{fields}\n---\nYou are {name}.\n");
        return this;
    }

    public Task<RunningServer> Start(Transport transport = Transport.Stdio, Dictionary<string, string>? more = null, string[]? arguments = null)
    {
        File.WriteAllText(Path("mcp.json"), new JsonObject { ["mcpServers"] = _servers.DeepClone() }.ToJsonString());
        return RunningServer.Start(transport, Database, settings: Settings.Concat(more ?? []).ToDictionary(), arguments: arguments);
    }

    public void Dispose() => _folder.Dispose();
}

internal static class Steps
{
    /// <summary>Starts an agent and has it take one step.</summary>
    public static async Task<Reply> Take(this RunningServer server, string agent, object step, double seconds = 40)
    {
        var asked = await server.Do(agent, new { message = "go" });
        Assert.Equal("pending", asked.Status);
        return await server.Next(asked.ThreadId, step, seconds);
    }

    public static Task<Reply> Next(this RunningServer server, string thread, object step, double seconds = 40) =>
        server.Do("resume_thread", new { thread_id = thread, response = step, wait_seconds = seconds });

    /// <summary>The newest events of a thread, as stored.</summary>
    public static async Task<List<JsonElement>> Events(this RunningServer server, string thread) =>
        [.. (await server.Ask("get_thread", new { thread_id = thread, include_events = true })).GetProperty("events").EnumerateArray()];

    public static async Task<JsonElement> Last(this RunningServer server, string thread, string type) =>
        (await server.Events(thread)).Last(happened => happened.GetProperty("type").GetString() == type);
}
