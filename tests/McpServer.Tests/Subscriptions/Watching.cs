using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol.Subscriptions;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentMcp.Server.Tests.Subscriptions;

/// <summary>The watch under the subscriptions, with a clock of the test's own and another process that is a second core on the file.</summary>
public sealed class Watching : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly Core _here;
    private readonly Core _elsewhere;

    public Watching() => (_here, _elsewhere) = (NewCore(), NewCore());

    [Fact]
    public async Task A_change_made_elsewhere_is_seen_at_the_next_glance_and_one_made_here_at_once()
    {
        var (mine, theirs) = (await Pending(_here), await Pending(_elsewhere));
        var threads = new ThreadWatch(_here);
        using var watch = threads.Open();
        new ThreadUris(watch).Add([$"thread://{mine}", $"thread://{theirs}"], ids => _here.Index.VersionsOf(ids, "local"));

        await Cancel(_here, mine);
        var atOnce = await watch.Next(TestContext.Current.CancellationToken);
        await Cancel(_elsewhere, theirs);
        var later = watch.Next(TestContext.Current.CancellationToken);
        var beforeTheGlance = later.IsCompleted;
        _clock.Advance(ThreadWatch.Glance);

        Assert.Equal([mine], atOnce.Threads);
        Assert.False(beforeTheGlance);
        Assert.Equal([theirs], (await later).Threads);
    }

    [Fact]
    public async Task Nobody_looks_while_nobody_listens()
    {
        var thread = await Pending(_elsewhere);
        var threads = new ThreadWatch(_here);
        var closed = threads.Open();
        new ThreadUris(closed).Add([$"thread://{thread}"], ids => _here.Index.VersionsOf(ids, "local"));
        closed.Dispose();
        _clock.Advance(ThreadWatch.Glance);
        await Cancel(_elsewhere, thread);

        _clock.Advance(100 * ThreadWatch.Glance);

        Assert.Equal(0, threads.Watches);
        Assert.False(closed.Next(TestContext.Current.CancellationToken).IsCompleted);
    }

    [Fact]
    public async Task A_client_that_never_reads_is_owed_no_more_than_the_threads_it_named()
    {
        var threads = new ThreadWatch(_here);
        using var watch = threads.Open();
        var (one, other) = (ThreadId.New(_clock.GetUtcNow()), ThreadId.New(_clock.GetUtcNow().AddSeconds(1)));
        watch.Follow(one, 1);
        watch.Follow(other, 1);

        for (var version = 1; version <= 10_000; version++)
        {
            watch.Note(other, version);
            watch.Note(one, version);
            watch.Note(ThreadId.New(_clock.GetUtcNow()), version);
            threads.ListChanged("notifications/tools/list_changed");
        }

        var owed = await watch.Next(TestContext.Current.CancellationToken);
        Assert.Equal(["notifications/tools/list_changed"], owed.Lists);
        Assert.Equal([one, other], owed.Threads);
        Assert.False(watch.Next(TestContext.Current.CancellationToken).IsCompleted);
    }

    [Fact]
    [Trait("Accepts", "P.1")]
    public async Task Another_principals_thread_cannot_be_followed_and_looks_like_one_that_is_not_there()
    {
        var thread = await Pending(_here);
        using var watch = new ThreadWatch(_here).Open();
        var uris = new ThreadUris(watch);

        var granted = uris.Add([$"thread://{thread}", "thread://thr_00000000000000000000000000000000"], ids => _here.Index.VersionsOf(ids, "mia"));

        Assert.Empty(granted);
        Assert.Empty(watch.Threads);
        Assert.Empty(uris.Of(thread));
    }

    [Fact]
    public async Task What_was_followed_for_being_below_a_thread_is_let_go_with_it_unless_it_is_below_another_or_named_itself()
    {
        var (one, other, shared, own, below) = (await Pending(_here), await Pending(_here), await Pending(_here), await Pending(_here), await Pending(_here));
        using var watch = new ThreadWatch(_here).Open();
        var uris = new ThreadUris(watch, thread => new[] { shared, own, below }.Take(thread == one ? 3 : thread == other ? 1 : 0).Select(id => _here.Host.Get(id, "local").Thread));
        uris.Add(new[] { one, other, own }.Select(thread => $"thread://{thread}"), ids => _here.Index.VersionsOf(ids, "local"));

        var all = Followed();
        uris.Remove($"thread://{one}");
        var without = Followed();
        uris.Remove($"thread://{other}");
        uris.Remove($"thread://{own}");

        Assert.Equal(["below", "one", "other", "own", "shared"], all);
        Assert.Equal(["other", "own", "shared"], without);
        Assert.Empty(Followed());

        IEnumerable<string> Followed() => [.. watch.Threads.Select(thread => thread == one ? "one" : thread == other ? "other" : thread == shared ? "shared" : thread == own ? "own" : "below").Order(StringComparer.Ordinal)];
    }

    [Fact]
    public async Task A_subscription_holds_so_many_resources_and_no_more()
    {
        var threads = new List<ThreadId>();
        for (var i = 0; i <= ThreadUris.Most; i++)
        {
            threads.Add(await Pending(_here));
        }

        using var watch = new ThreadWatch(_here).Open();
        var uris = new ThreadUris(watch);

        var granted = uris.Add(threads.Select(thread => $"thread://{thread}"), ids => _here.Index.VersionsOf(ids, "local"));
        var more = uris.Add([$"thread://{threads[^1]}"], ids => _here.Index.VersionsOf(ids, "local"));
        uris.Remove($"thread://{threads[0]}");
        var after = uris.Add([$"thread://{threads[^1]}"], ids => _here.Index.VersionsOf(ids, "local"));

        Assert.Equal((ThreadUris.Most, 0, 1), (granted.Count, more.Count, after.Count));
    }

    public void Dispose()
    {
        _elsewhere.Dispose();
        _here.Dispose();
        _folder.Dispose();
    }

    private Core NewCore() => new(Settings.Load(new Dictionary<string, string?> { ["db"] = _folder.Database, ["model"] = "rules" }), NullLoggerFactory.Instance, _clock);

    private async Task<ThreadId> Pending(Core core)
    {
        var now = _clock.GetUtcNow();
        var id = ThreadId.New(now);
        using var owner = new Owner(core.Database);
        using var store = new ThreadStore(core.Database, owner);
        await store.Start(id, new ThreadStarted(now, "calculator", "sha256:none", JsonText.Parse("{}"), "local", "stdio", "message_received"), null, takeLease: false);
        return id;
    }

    private static Task Cancel(Core core, ThreadId thread) => core.Host.Cancel(thread, new("local", "stdio"), null);
}
