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
    public async Task Also_for_those_of_a_child_a_sleep_a_message_a_fork_a_failure_and_an_end_from_outside()
    {
        using var folder = new TestFolder();
        Write(folder, "puppet", "tools: [calculator, await]");
        Write(folder, "brief", "tools: [add]\nlimits: { steps: 1 }");
        await using var server = new RawStdio(RunningServer.Launch(["stdio"], folder.Database, new Dictionary<string, string> { ["agents"] = folder.Path }, readErrors: true));
        var errors = server.Process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await server.Initialize();

        var puppet = Thread(await server.Ask("1", "puppet", new { message = "go" }));
        await server.Ask("2", "resume_thread", new { thread_id = puppet, response = new { intent = "calculator", message = "multiply 3 and 4" } });
        await Until(server, puppet, AsksForAStep);
        await server.Ask("4", "resume_thread", new { thread_id = puppet, response = new { intent = "await", seconds = 1 } });
        await Until(server, puppet, AsksForAStep);
        await server.Ask("6", "cancel_thread", new { thread_id = puppet });
        var sums = Thread(await server.Ask("7", "calculator", new { message = "add 1 and 2" }));
        await server.Ask("8", "resume_thread", new { thread_id = sums, response = "add 1 and 1" });
        await server.Ask("9", "fork_thread", new { thread_id = sums, at_version = 1 });
        var brief = Thread(await server.Ask("10", "brief", new { message = "go" }));
        await server.Ask("11", "resume_thread", new { thread_id = brief, response = new { intent = "add", a = 1, b = 2 } });
        await server.Call("12", "resume_thread", new { thread_id = brief, approved = false });
        await server.Answer("12");
        Assert.Equal(0, await server.Close());

        Assert.Equal(
            """
            info: AgentMcp.Threads[1] THREAD1 of puppet started for local through stdio
            info: AgentMcp.Threads[3] THREAD1 of puppet paused: next_step REQUEST of local
            info: AgentMcp.Threads[4] THREAD1 of puppet resumed: REQUEST of local was answered by local through stdio
            info: AgentMcp.Threads[3] THREAD1 of puppet paused: child REQUEST of local
            info: AgentMcp.Threads[4] THREAD1 of puppet resumed: REQUEST of local was answered by THREAD2 through thread
            info: AgentMcp.Threads[3] THREAD1 of puppet paused: next_step REQUEST of local
            info: AgentMcp.Threads[4] THREAD1 of puppet resumed: REQUEST of local was answered by local through stdio
            info: AgentMcp.Threads[3] THREAD1 of puppet paused: sleep REQUEST of local
            info: AgentMcp.Threads[5] THREAD1 of puppet resumed: REQUEST of local is over
            info: AgentMcp.Threads[3] THREAD1 of puppet paused: next_step REQUEST of local
            info: AgentMcp.Threads[9] THREAD1 of puppet of local cancelled by local through stdio
            info: AgentMcp.Threads[2] THREAD2 of calculator started for local, called by THREAD1
            info: AgentMcp.Threads[7] THREAD2 of calculator completed for local at version 6
            info: AgentMcp.Threads[1] THREAD3 of calculator started for local through stdio
            info: AgentMcp.Threads[7] THREAD3 of calculator completed for local at version 6
            info: AgentMcp.Threads[6] THREAD3 of calculator resumed for local: spoken to by local through stdio
            info: AgentMcp.Threads[7] THREAD3 of calculator completed for local at version 12
            info: AgentMcp.Threads[10] THREAD4 of calculator started for local, a fork of THREAD3
            info: AgentMcp.Threads[7] THREAD4 of calculator completed for local at version 7
            info: AgentMcp.Threads[1] THREAD5 of brief started for local through stdio
            info: AgentMcp.Threads[3] THREAD5 of brief paused: next_step REQUEST of local
            info: AgentMcp.Threads[4] THREAD5 of brief resumed: REQUEST of local was answered by local through stdio
            info: AgentMcp.Threads[3] THREAD5 of brief paused: budget REQUEST of local
            info: AgentMcp.Threads[4] THREAD5 of brief resumed: REQUEST of local was answered by local through stdio
            info: AgentMcp.Threads[8] THREAD5 of brief failed for local at version 9
            """.ReplaceLineEndings("\n"), Each(await errors));
    }

    [Fact]
    public async Task And_for_a_request_that_has_expired()
    {
        using var folder = new TestFolder();
        await using var server = new RawStdio(RunningServer.Launch(["stdio"], folder.Database, new Dictionary<string, string> { ["expire_after"] = "1s" }, readErrors: true));
        var errors = server.Process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await server.Initialize();
        var thread = Thread(await server.Ask("1", "calculator", new { message = "divide 3 by 4" }));
        await Until(server, thread, shown => shown.GetProperty("status").ValueEquals("completed"));
        Assert.Equal(0, await server.Close());

        Assert.Equal(
            """
            info: AgentMcp.Threads[1] THREAD1 of calculator started for local through stdio
            info: AgentMcp.Threads[3] THREAD1 of calculator paused: approval REQUEST of local
            info: AgentMcp.Threads[5] THREAD1 of calculator resumed: REQUEST of local expired
            info: AgentMcp.Threads[7] THREAD1 of calculator completed for local at version 6
            """.ReplaceLineEndings("\n"), Each(await errors));
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

    private static bool AsksForAStep(JsonElement shown) => shown.GetProperty("requests").EnumerateArray().Any(request => request.GetProperty("kind").ValueEquals("next_step"));

    // What goes on by itself is waited for as a client would.
    private static async Task Until(RawStdio server, string thread, Func<JsonElement, bool> stands)
    {
        while (!stands(await server.Ask($"look {server.Lines.Count}", "wait_thread", new { thread_id = thread, wait_seconds = 5 })))
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
        }
    }

    private static string Thread(JsonElement reply) => reply.GetProperty("thread_id").GetString()!;

    private static void Write(TestFolder folder, string name, string fields) => File.WriteAllText(Path.Combine(folder.Path, name + ".agent.md"),
        $"---\nname: {name}\ndescription: An agent of the tests.\nmodel: caller\n{fields}\n---\nYou are {name}.\n");

    // Of each thread by itself, in the order in which they began: what two do at once is in no order.
    private static string Each(string errors)
    {
        List<string> threads = [];
        var lines = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => Times().Replace(line, "").TrimStart()).ToList();
        return string.Join('\n', lines.Select(line => (Thread: Number(Ids().Match(line).Value), Line: Ids().Replace(line, Named))).ToList()
            .OrderBy(line => line.Thread).Select(line => line.Line));

        string Named(Match id) => id.Value.StartsWith("thr_", StringComparison.Ordinal) ? $"THREAD{Number(id.Value)}" : "REQUEST";

        int Number(string thread)
        {
            if (!threads.Contains(thread))
            {
                threads.Add(thread);
            }

            return threads.IndexOf(thread) + 1;
        }
    }

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")]
    private static partial Regex Times();

    [GeneratedRegex("(thr|req)_[0-9a-f]{32}(_\\d+)?")]
    private static partial Regex Ids();
}
