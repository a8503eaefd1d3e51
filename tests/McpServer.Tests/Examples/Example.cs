using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.NodeClients;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Examples;

/// <summary>An example of docs/examples on a copy of its files, as its own mcp.json starts it; only npx is not asked to fetch what is here.</summary>
internal sealed class Example : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly string _name;

    public Example(string name, string files)
    {
        Node.Require(Node.Servers);
        _name = name;
        Files = Path.Combine(_folder.Path, files);
        Directory.CreateDirectory(Files);
        foreach (var file in Directory.EnumerateFiles(Path.Combine(Source, files)))
        {
            File.Copy(file, Path.Combine(Files, Path.GetFileName(file)));
        }
    }

    public string Files { get; }

    private string Source => Path.Combine(Repository.Root, "docs", "examples", _name);

    public Task<RunningServer> Start()
    {
        var settings = Path.Combine(_folder.Path, "mcp.json");
        File.WriteAllText(settings, Installed(JsonNode.Parse(File.ReadAllText(Path.Combine(Source, "mcp.json")))!.AsObject()).ToJsonString());
        return RunningServer.Start(Transport.Stdio, _folder.Database, settings: new Dictionary<string, string>
        {
            ["agents"] = Source,
            ["mcp"] = settings,
            ["model"] = "caller",
        });
    }

    public string Read(string file) => File.ReadAllText(Path.Combine(Files, file));

    public void Dispose() => _folder.Dispose();

    // npx -y PACKAGE@VERSION FOLDER becomes the same package, which npm has installed for the tests, on the copy.
    private JsonObject Installed(JsonObject settings)
    {
        var server = Assert.Single(settings["mcpServers"]!.AsObject()).Value!.AsObject();
        Assert.Equal("npx", (string?)server["command"]);
        var arguments = server["args"]!.AsArray().Select(argument => (string)argument!).ToList();
        Assert.Equal(["-y", $"docs/examples/{_name}/{Path.GetFileName(Files)}"], [arguments[0], arguments[2]]);
        var package = arguments[1][..arguments[1].LastIndexOf('@')];
        Assert.Equal((string?)JsonNode.Parse(File.ReadAllText(Path.Combine(Node.Servers, "package.json")))!["dependencies"]![package], arguments[1][(package.Length + 1)..]);
        server["command"] = "node";
        server["args"] = new JsonArray(Path.Combine(Node.Servers, "node_modules", package, "dist", "index.js"), Files);
        return settings;
    }
}
