using AgentMcp.Server.Cli;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging.Abstractions;

namespace AgentMcp.Server.Tests.Cli;

public sealed class What_is_said_at_a_terminal_is_for_what_was_shown : IDisposable
{
    private static readonly Responder Other = new("local", "http");
    private readonly TestFolder _folder = new();
    private readonly Core _core;

    public What_is_said_at_a_terminal_is_for_what_was_shown() =>
        _core = new(Settings.Load(new Dictionary<string, string?> { ["db"] = _folder.Database, ["model"] = "rules", ["agents_home"] = "off" }), NullLoggerFactory.Instance);

    [Fact]
    public async Task A_yes_is_none_to_what_was_asked_in_its_place_meanwhile()
    {
        var thread = await Started("divide 3 by 4");

        var word = await Ask(thread, "\n", async () =>
        {
            await _core.Host.Answer(thread, Other, null, approved: false, null, "use 5 instead");
            await Settled(thread);
        });
        var before = _core.Host.Get(thread, "local").Thread;
        var refused = await Assert.ThrowsAsync<RefusedException>(() => word.Say(_core));

        Assert.Equal(RefusalCode.AlreadyAnswered, refused.Code);
        Assert.Equal("Run divide with a 3, b 5?", Assert.Single(_core.Host.Get(thread, "local").Thread.OpenRequests).Asked.Question);
        Assert.Equal(before.Version, _core.Host.Get(thread, "local").Thread.Version);
    }

    [Theory]
    [InlineData("divide 3 by 4", ThreadStatus.Pending)]
    [InlineData("add 5 and 6", ThreadStatus.Completed)]
    public async Task A_message_to_a_completed_thread_is_none_to_one_that_went_on_meanwhile(string meanwhile, ThreadStatus status)
    {
        var thread = await Started("add 1 and 2");

        var word = await Ask(thread, "add 2 and 3\n", async () =>
        {
            await _core.Host.Speak(thread, Other, JsonText.Of(meanwhile));
            await Settled(thread);
        });
        var before = _core.Host.Get(thread, "local").Thread;
        var refused = await Assert.ThrowsAsync<RefusedException>(() => word.Say(_core));

        Assert.Equal(RefusalCode.NothingPending, refused.Code);
        Assert.Equal((status, before.Version), (before.Status, _core.Host.Get(thread, "local").Thread.Version));
    }

    [Fact]
    public async Task A_yes_and_a_message_are_taken_where_nothing_happened_meanwhile()
    {
        var thread = await Started("divide 3 by 4");

        await (await Ask(thread, "\n")).Say(_core);
        Assert.Equal(ThreadStatus.Completed, (await Settled(thread)).Thread.Status);
        await (await Ask(thread, "add 1 and 2\n")).Say(_core);

        Assert.Equal("""{"message":"The result is 3."}""", Assert.IsType<State.Threads.ThreadState.Completed>((await Settled(thread)).Thread.State).Output.Text);
    }

    public void Dispose()
    {
        _core.Dispose();
        _folder.Dispose();
    }

    private async Task<PersonsWord> Ask(ThreadId thread, string keys, Func<Task>? meanwhile = null) =>
        (await PersonsWord.Ask(_core, new Screen(json: true), new TypedKeys(keys, meanwhile), thread, null, TestContext.Current.CancellationToken))!;

    private async Task<ThreadId> Started(string message)
    {
        var thread = await _core.Host.Start("calculator", JsonText.Parse($$"""{"message":"{{message}}"}"""), Other);
        return (await Settled(thread)).Thread.Id;
    }

    private Task<ThreadLog> Settled(ThreadId thread) => _core.Host.Wait(thread, "local", TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
}
