using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Chains;

public sealed class A_chain_outlives_its_processes
{
    public static TheoryData<Transport, Transport, string> Ways => new()
    {
        { Transport.Stdio, Transport.Http, Running.Ways.Newest }, { Transport.Stdio, Transport.Http, Running.Ways.Sessions },
        { Transport.Http, Transport.Stdio, Running.Ways.Newest }, { Transport.Http, Transport.Stdio, Running.Ways.Sessions },
    };

    [Theory]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "D.6")]
    [Trait("Accepts", "F6.3")]
    [MemberData(nameof(Ways))]
    public async Task Killed_while_it_waits_it_goes_on_in_another_over_another_transport(Transport first, Transport second, string protocol)
    {
        await using var chain = new Chain();
        string root;
        await using (var server = await chain.Start(first, protocol))
        {
            root = (await server.Do("chief", new { message = "go" })).ThreadId;
            await server.Kill();
        }

        await using var next = await chain.Start(second, protocol);
        var done = await next.Do("resume_thread", new { thread_id = root, approved = true });

        Assert.Equal(("completed", "chief: The result is 0.75."), (done.Status, done.Message));
        Assert.Equal(["boss", "calculator", "chief"], await Agents(next));
    }

    [Theory]
    [Trait("Accepts", "D.5")]
    [Trait("Accepts", "R.3")]
    [Trait("Accepts", "R.11")]
    [MemberData(nameof(Ways))]
    public async Task Killed_while_a_child_runs_it_is_picked_up_with_the_children_it_had(Transport first, Transport second, string protocol)
    {
        await using var chain = new Chain();
        string root;
        var asked = chain.Hold("boss");
        await using (var server = await chain.Start(first, protocol))
        {
            root = (await server.Do("chief", new { message = "go", wait_seconds = 0 })).ThreadId;
            await asked;
            await server.Kill();
        }

        await using var next = await chain.Start(second, protocol);
        // The kill may have come before the wait for boss was stored; then the same child is found again.
        var working = await next.Do("get_thread", new { thread_id = root });
        while (working.Status == "running")
        {
            working = await next.Do("wait_thread", new { thread_id = root, wait_seconds = 0.2 });
        }

        Assert.Equal(($"Call wait_thread with thread_id \"{root}\" to wait for what comes next.", "chief has called boss. boss is still working."), (working.Next, working.Sentence));

        chain.LetGo("boss");
        var pending = await next.Do("wait_thread", new { thread_id = root });
        Assert.Equal("approval", pending.Json.GetProperty("requests")[0].GetProperty("kind").GetString());
        var done = await next.Do("resume_thread", new { thread_id = root, approved = true });

        Assert.Equal(("completed", "chief: The result is 0.75."), (done.Status, done.Message));
        Assert.Equal(["boss", "calculator", "chief"], await Agents(next));
    }

    // Every thread there is: each child was started once.
    private static async Task<IEnumerable<string>> Agents(RunningServer server) =>
        (await server.Ask("list_threads", new { })).GetProperty("threads").EnumerateArray().Select(thread => thread.GetProperty("agent").GetString()!).Order(StringComparer.Ordinal);
}
