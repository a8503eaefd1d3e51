using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>The filesystem, memory and everything servers, as they come from npm.</summary>
public sealed class Tools_of_other_servers
{
    [Fact]
    public async Task A_tool_that_the_agent_file_opens_runs_and_its_result_is_the_models()
    {
        using var office = new Office();
        await File.WriteAllTextAsync(Path.Combine(office.Files, "note.txt"), "four and twenty", TestContext.Current.CancellationToken);
        office.WithNode("files", "filesystem", arguments: office.Files)
            .Agent("reader", "tools: [files.read_text_file]\ngates: { files.read_text_file: none }\neffects: { files.read_text_file: read_only }");
        await using var server = await office.Start();

        var next = await server.Take("reader", new { intent = "files.read_text_file", path = Path.Combine(office.Files, "note.txt") });

        Assert.Equal("next_step", next.Kind);
        Assert.Equal("""{"content":"four and twenty"}""", (await server.Last(next.ThreadId, "tool_returned")).GetProperty("result").GetRawText());
        Assert.Contains("<files.read_text_file_result>\ncontent: four and twenty\n</files.read_text_file_result>", next.Request.GetProperty("context").GetString());
    }

    [Fact]
    [Trait("Accepts", "F8.2")]
    [Trait("Accepts", "F6.4")]
    public async Task Without_a_word_in_the_agent_file_a_tool_is_gated_and_the_approved_arguments_run()
    {
        using var office = new Office();
        office.WithNode("files", "filesystem", arguments: office.Files).Agent("writer", "tools: [\"files.*\"]");
        await using var server = await office.Start();
        var file = Path.Combine(office.Files, "new.txt");

        var asked = await server.Take("writer", new { intent = "files.write_file", path = file, content = "hello" });

        Assert.Equal("approval", asked.Kind);
        Assert.Equal("files.write_file", asked.Request.GetProperty("action").GetProperty("tool").GetString());
        Assert.False(File.Exists(file));
        await server.Do("resume_thread", new { thread_id = asked.ThreadId, approved = true });
        Assert.Equal("hello", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        // A hint that a tool only reads opens nothing either: this server is not trusted.
        Assert.Equal("approval", (await server.Take("writer", new { intent = "files.read_text_file", path = file })).Kind);
    }

    [Fact]
    [Trait("Accepts", "F13.1")]
    public async Task Only_what_is_read_without_asking_is_fetched_ahead()
    {
        using var office = new Office();
        office.WithNode("files", "filesystem", arguments: office.Files).Agent("writer", "tools: [files.list_directory]\nprefetch: [{ files.list_directory: { path: . } }]");
        await using var server = await office.Start();

        Assert.Equal("invalid_input: writer fetches files.list_directory ahead, which is no read-only tool without a gate. If it is one, say so in the agent's effects (read_only) "
            + "and gates (none); otherwise take it out of prefetch.", await server.Refusal("writer", new { message = "go" }));
        Assert.Empty((await server.Ask("list_threads", new { agent = "writer" })).GetProperty("threads").EnumerateArray());
    }

    [Fact]
    public async Task Hints_of_a_trusted_server_are_believed()
    {
        using var office = new Office();
        office.WithNode("files", "filesystem", trust: true, office.Files).Agent("writer", "tools: [\"files.*\"]");
        await using var server = await office.Start();

        Assert.Equal("next_step", (await server.Take("writer", new { intent = "files.list_directory", path = office.Files })).Kind);
        Assert.Equal("approval", (await server.Take("writer", new { intent = "files.write_file", path = Path.Combine(office.Files, "a"), content = "" })).Kind);
    }

    [Fact]
    public async Task Two_servers_serve_one_agent_and_an_error_of_theirs_is_a_compact_one()
    {
        using var office = new Office();
        office.WithNode("memory", "memory").WithNode("files", "filesystem", arguments: office.Files)
            .Agent("clerk", "tools: [\"memory.*\", files.read_text_file]\ngates: { \"*.*\": none }");
        await using var server = await office.Start();

        var first = await server.Take("clerk", new
        {
            intent = "memory.create_entities",
            entities = new[] { new { name = "Mia", entityType = "person", observations = new[] { "likes tea" } } },
        });
        await server.Next(first.ThreadId, new { intent = "memory.search_nodes", query = "tea" });
        var found = (await server.Last(first.ThreadId, "tool_returned")).GetProperty("result").GetRawText();
        await server.Next(first.ThreadId, new { intent = "files.read_text_file", path = "/etc/passwd" });
        var failed = (await server.Last(first.ThreadId, "tool_failed")).GetProperty("error").GetString();

        Assert.Contains("Mia", found);
        Assert.StartsWith("Access denied", failed);
    }

    [Fact]
    public async Task What_is_no_text_is_described()
    {
        using var office = new Office();
        office.WithNode("all", "everything").Agent("tester", "tools: [\"all.*\"]\ngates: { \"all.*\": none }");
        await using var server = await office.Start();

        var next = await server.Take("tester", new { intent = "all.get-tiny-image" });

        Assert.Contains("[image: image/png,", (await server.Last(next.ThreadId, "tool_returned")).GetProperty("result").GetRawText());
        await server.Next(next.ThreadId, new { intent = "all.get-structured-content", location = "New York" });
        Assert.Equal(JsonValueKind.Object, (await server.Last(next.ThreadId, "tool_returned")).GetProperty("result").ValueKind);
    }

    [Fact]
    [Trait("Accepts", "R.13")]
    public async Task An_unknown_tool_or_server_stops_the_start_and_the_real_ones_are_named()
    {
        using var office = new Office();
        office.WithNode("files", "filesystem", arguments: office.Files)
            .Agent("one", "tools: [files.raed_text_file]").Agent("two", "tools: [fils.read_file]");
        await using var server = await office.Start();

        Assert.StartsWith("invalid_input: one uses files.raed_text_file, and the MCP server 'files' has no such tool; did you mean 'files.read_text_file'? The tools are files.",
            await server.Refusal("one", new { message = "go" }));
        Assert.Equal("invalid_input: two uses tools of the MCP server 'fils', which is not configured; did you mean 'files'? The servers are files. Add it under mcpServers, or correct the agent's tools.",
            await server.Refusal("two", new { message = "go" }));
        Assert.Empty((await server.Ask("list_threads", new { })).GetProperty("threads").EnumerateArray());
    }

    [Fact]
    [Trait("Accepts", "F5.2")]
    public async Task A_thread_keeps_the_tools_it_began_with_through_a_restart()
    {
        using var office = new Office();
        office.WithNode("files", "filesystem", arguments: office.Files).Agent("writer", "tools: [\"files.*\"]");
        var file = Path.Combine(office.Files, "new.txt");
        string thread;
        await using (var server = await office.Start())
        {
            thread = (await server.Take("writer", new { intent = "files.write_file", path = file, content = "hello" })).ThreadId;
            await server.Kill();
        }

        await using var next = await office.Start(Transport.Http);
        await next.Do("resume_thread", new { thread_id = thread, approved = true });

        Assert.Equal("hello", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
    }
}
