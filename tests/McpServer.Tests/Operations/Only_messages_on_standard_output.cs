using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Operations;

/// <summary>Real processes whose code, libraries, children and upstream servers print wherever they can.</summary>
public sealed class Only_messages_on_standard_output
{
    [Fact]
    [Trait("Accepts", "X.1")]
    public async Task Whatever_code_libraries_native_code_and_programs_print_goes_to_standard_error()
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(RunningServer.Launch(["stdio", "--verbose"], folder.Database, readErrors: true, program: Path.Combine(AppContext.BaseDirectory, "Noisy.dll")));
        var errors = server.Process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await server.Initialize();
        var reply = await server.Ask("1", "noisy", new { message = "go" });

        Assert.Equal("It was loud.", reply.GetProperty("output").GetProperty("message").GetString());
        Assert.Equal(0, await server.Close());
        Assert.Equal(["hello", "1"], server.Lines.Select(line => line.GetProperty("id").GetString()));
        Assert.All(server.Lines, line => Assert.Equal("2.0", line.GetProperty("jsonrpc").GetString()));
        Assert.Equal(
            [
                "noise of a library that is loaded", "noise of a program that a tool starts", "noise of a tool", "noise of a tool that opens standard output itself",
                "noise of native code", "noise of native code that is loaded", "noise without an end of its line",
            ],
            (await errors).Split('\n').Where(line => line.StartsWith("noise", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
    }

    [Fact]
    [Trait("Accepts", "X.1")]
    public async Task What_an_upstream_server_prints_among_its_messages_goes_no_further()
    {
        using var folder = new TestFolder();
        var mcp = Path.Combine(folder.Path, "mcp.json");
        var rude = $"echo this is no message; exec dotnet '{Path.Combine(AppContext.BaseDirectory, "Noisy.dll")}' stdio --db '{folder.Path}/there.db' --model rules";
        await File.WriteAllTextAsync(mcp, JsonSerializer.Serialize(new { mcpServers = new { rude = new { command = "sh", args = (string[])["-c", rude] } } }), TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Path.Combine(folder.Path, "agents"));
        await File.WriteAllTextAsync(Path.Combine(folder.Path, "agents", "chief.agent.md"),
            "---\nname: chief\ndescription: Calls a rude server.\nmodel: caller\ntools: [rude.noisy]\ngates: { rude.noisy: none }\n---\nYou are chief.\n", TestContext.Current.CancellationToken);
        await using var server = new RawStdio(folder.Database, new Dictionary<string, string> { ["mcp"] = mcp, ["agents"] = Path.Combine(folder.Path, "agents") }, "--verbose");
        await server.Initialize();
        var thread = (await server.Ask("1", "chief", new { message = "go" })).GetProperty("thread_id").GetString();
        var reply = await server.Ask("2", "resume_thread", new { thread_id = thread, response = new { intent = "rude.noisy", message = "go" } });
        for (var i = 3; reply.GetProperty("status").GetString() != "pending" || reply.GetProperty("requests")[0].GetProperty("kind").GetString() != "next_step"; i++)
        {
            reply = await server.Ask($"{i}", "wait_thread", new { thread_id = thread, wait_seconds = 0.5 });
        }

        Assert.Contains("It was loud.", reply.GetProperty("requests")[0].GetProperty("context").GetString());
        Assert.Equal(0, await server.Close());
        Assert.All(server.Lines, line => Assert.Equal("2.0", line.GetProperty("jsonrpc").GetString()));
    }
}
