using AgentMcp.Server.Protocol.Pause;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Pause;

public sealed class The_key_of_states
{
    [Fact]
    public void It_lies_beside_the_database_for_its_owner_alone_and_stays()
    {
        using var folder = new TestFolder();

        var key = StateKey.Beside(folder.Database);

        Assert.Equal(key, StateKey.Beside(folder.Database));
        Assert.Equal(key, File.ReadAllBytes(Path.Combine(folder.Path, "threads.db.key")));
        Assert.Equal(32, key.Length);
        Assert.NotEqual(new byte[32], key);
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(StateKey.FileOf(folder.Database)));
        }
    }

    [Fact]
    public async Task All_who_begin_at_once_have_the_same()
    {
        using var folder = new TestFolder();
        using var start = new Barrier(8);

        var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(() =>
        {
            start.SignalAndWait(TestContext.Current.CancellationToken);
            return Convert.ToHexString(StateKey.Beside(folder.Database));
        }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.Single(keys.Distinct());
    }

    [Fact]
    public void One_that_a_process_died_over_is_made_anew()
    {
        using var folder = new TestFolder();
        File.WriteAllBytes(StateKey.FileOf(folder.Database), []);

        Assert.Equal(StateKey.Beside(folder.Database), StateKey.Beside(folder.Database));
    }

    [Fact]
    public void What_is_no_key_is_not_used_as_one()
    {
        using var folder = new TestFolder();
        File.WriteAllText(StateKey.FileOf(folder.Database), "secret");

        var refused = Assert.Throws<RefusedException>(() => StateKey.Beside(folder.Database));

        Assert.Equal($"The key that signs forms cannot be used. {StateKey.FileOf(folder.Database)} is not a key. Delete it and a new one is made; forms that are open now are then asked for again.",
            refused.Message);
    }

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task Without_one_the_plain_result_comes_and_says_why(Transport transport)
    {
        using var folder = new TestFolder();
        await File.WriteAllTextAsync(StateKey.FileOf(folder.Database), "secret", TestContext.Current.CancellationToken);
        var options = new ModelContextProtocol.Client.McpClientOptions { Handlers = new() { ElicitationHandler = (_, _) => throw new InvalidOperationException() } };
        await using var server = await RunningServer.Start(transport, folder.Database, Ways.Newest, options: options);

        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });

        Assert.Equal("approval", pending.Kind);
        Assert.StartsWith("No form can be shown: The key that signs forms cannot be used. ", pending.Sentence, StringComparison.Ordinal);
    }
}
