using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Operations;

public sealed partial class Threads_are_logged
{
    [Fact]
    public async Task A_line_for_each_transition_and_nothing_else()
    {
        var errors = await Errors(new());

        Assert.Equal(
            """
            TIME info: AgentMcp.Threads[1] THREAD of calculator started for local through stdio
            TIME info: AgentMcp.Threads[3] THREAD of calculator paused: approval REQUEST of local
            TIME info: AgentMcp.Threads[4] THREAD of calculator resumed: REQUEST of local was answered by local through stdio
            TIME info: AgentMcp.Threads[7] THREAD of calculator completed for local at version 8

            """, Ids().Replace(Times().Replace(errors, "TIME"), match => match.Value.StartsWith("thr_", StringComparison.Ordinal) ? "THREAD" : "REQUEST"));
    }

    [Fact]
    public async Task As_objects_with_fields_where_that_is_wanted()
    {
        var lines = (await Errors(new() { ["log_format"] = "json" })).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonElement.Parse(line)).ToList();

        Assert.Equal(4, lines.Count);
        var paused = lines[1];
        Assert.Equal(("Information", "AgentMcp.Threads"), (paused.GetProperty("LogLevel").GetString(), paused.GetProperty("Category").GetString()));
        var fields = paused.GetProperty("State");
        Assert.Equal(("calculator", "approval", "local"), (fields.GetProperty("Agent").GetString(), fields.GetProperty("Kind").GetString(), fields.GetProperty("Principal").GetString()));
        Assert.Equal(fields.GetProperty("Thread").GetString()!["thr_".Length..], fields.GetProperty("Request").GetString()!["req_".Length..][..32]);
    }

    [Fact]
    public async Task A_host_that_never_reads_them_is_served_all_the_same()
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(RunningServer.Launch(["stdio", "--verbose"], folder.Database, readErrors: true));
        await server.Initialize();

        // More than a pipe and the queue before it hold: about 25 lines a call.
        for (var i = 0; i < 100; i++)
        {
            Assert.Equal("completed", (await server.Ask($"{i}", "calculator", new { message = "add 1 and 2" })).GetProperty("status").GetString());
        }

        Assert.Equal(0, await server.Close());
    }

    private static async Task<string> Errors(Dictionary<string, string> settings)
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(RunningServer.Launch(["stdio"], folder.Database, settings, readErrors: true));
        var errors = server.Process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await server.Initialize();
        var pending = await server.Ask("1", "calculator", new { message = "divide 3 by 4" });
        await server.Ask("2", "resume_thread", new { thread_id = pending.GetProperty("thread_id").GetString(), approved = true });
        Assert.Equal(0, await server.Close());
        return await errors;
    }

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")]
    private static partial Regex Times();

    [GeneratedRegex("(thr|req)_[0-9a-f]{32}(_\\d+)?")]
    private static partial Regex Ids();
}
