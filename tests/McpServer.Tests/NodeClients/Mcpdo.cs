using System.Diagnostics;
using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.NodeClients;

/// <summary>The command line client of the Inspector: a call parks in its daemon and is answered by another command.</summary>
public sealed class Mcpdo : IAsyncLifetime
{
    private readonly TestFolder _folder = new();
    private readonly Dictionary<string, string> _environment = [];
    private Process? _server;

    public async ValueTask InitializeAsync()
    {
        Node.Require();
        _environment["HOME"] = _folder.Path;
        _environment["MCP_INSPECTOR_SECRET_STORE"] = "memory";
        foreach (var line in (await Run("private")).Split('\n').Where(line => line.StartsWith("export ", StringComparison.Ordinal)))
        {
            var (name, value) = line["export ".Length..].Split('=', 2) is [var key, var quoted] ? (key, quoted.Trim('\'')) : throw new InvalidOperationException(line);
            _environment[name] = value;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Run("daemon", "stop");
        await StopServer();
        _folder.Dispose();
    }

    [Theory]
    [Trait("Accepts", "F11.1")]
    [InlineData("legacy", "server-request")]
    [InlineData("modern", "input-required")]
    public async Task A_call_parks_in_one_process_and_is_answered_from_another(string era, string origin)
    {
        var url = await StartServer(0);
        await Json("connect", url, "--era", era);

        var parked = (await Json("--connection", url, "tools/call", "calculator", "message:=divide 3 by 4")).GetProperty("elicitationPending");
        Assert.Equal(origin, parked.GetProperty("origin").GetString());
        Assert.StartsWith("calculator asks for approval: Run divide with a 3, b 4?", parked.GetProperty("message").GetString(), StringComparison.Ordinal);

        var done = await Json("elicitation/respond", parked.GetProperty("elicitationId").GetString()!, "approve:=true");

        Assert.Equal(("completed", "The result is 0.75."), Ended(done));
    }

    [Fact]
    [Trait("Accepts", "R.3")]
    [Trait("Accepts", "F6.3")]
    public async Task And_across_a_restart_of_the_server()
    {
        var url = await StartServer(0);
        await Json("connect", url, "--era", "modern");
        var parked = (await Json("--connection", url, "tools/call", "calculator", "message:=divide 3 by 4")).GetProperty("elicitationPending");
        await StopServer();
        await StartServer(new Uri(url).Port);

        var done = await Json("elicitation/respond", parked.GetProperty("elicitationId").GetString()!, "approve:=true");

        Assert.Equal(("completed", "The result is 0.75."), Ended(done));
    }

    [Fact]
    [Trait("Accepts", "X.2")]
    public async Task Without_forms_it_gets_the_plain_result_and_resumes_by_tool()
    {
        var url = await StartServer(0);
        await Json("connect", url, "--era", "auto", "--elicit", "off");

        var pending = Structured(await Json("--connection", url, "tools/call", "calculator", "message:=divide 3 by 4"));
        Assert.Equal("pending", pending.GetProperty("status").GetString());

        Assert.Equal(("completed", "The result is 0.75."),
            Ended(await Json("--connection", url, "tools/call", "resume_thread", $"thread_id:={pending.GetProperty("thread_id").GetString()}", "approved:=true")));
    }

    private static (string?, string?) Ended(JsonElement result) => Structured(result) is var thread
        ? (thread.GetProperty("status").GetString(), thread.GetProperty("output").GetProperty("message").GetString())
        : default;

    private static JsonElement Structured(JsonElement result) =>
        result.TryGetProperty("structuredContent", out var structured) ? structured
        : result.TryGetProperty("result", out var inner) ? Structured(inner) : throw new InvalidOperationException(result.GetRawText());

    private async Task<JsonElement> Json(params string[] arguments) => JsonElement.Parse(await Run([.. arguments, "--format", "json"]));

    private Task<string> Run(params string[] arguments) => Node.Run(Path.Combine(Node.Folder, "node_modules", ".bin", "mcpdo"), arguments, _environment);

    private async Task<string> StartServer(int port)
    {
        _server = RunningServer.Launch(["http", "--port", port.ToString(System.Globalization.CultureInfo.InvariantCulture)], _folder.Database);
        return (await _server.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken))!.Split(' ')[^1];
    }

    private async Task StopServer()
    {
        if (_server is not null)
        {
            _server.Kill();
            await _server.WaitForExitAsync(TestContext.Current.CancellationToken);
            _server.Dispose();
            _server = null;
        }
    }
}
