using System.Diagnostics.Metrics;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Time.Testing;

namespace AgentMcp.Server.Tests.Operations;

public sealed class The_database_is_counted
{
    private static readonly DateTimeOffset Nine = new(2026, 3, 1, 9, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Whenever_somebody_collects()
    {
        using var folder = new TestFolder();
        using var database = Database.Open(folder.Database);
        using var owner = new Owner(database);
        using var store = new ThreadStore(database, owner);
        var clock = new FakeTimeProvider(Nine.AddSeconds(90));
        List<string> told = [];
        using var listener = new MeterListener();
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => told.Add($"{instrument.Name} {tags[0].Value} {value}"));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => told.Add($"{instrument.Name} {tags[0].Value} {value}"));
        listener.Start();
        // Other tests count other databases: only what is made from here on is ours.
        var here = new AsyncLocal<bool> { Value = true };
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (here.Value)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        using var counts = new DatabaseMetrics(database, clock);
        Assert.Equal([], Collected());

        var oldest = await Ask(RequestKind.Approval, Nine);
        await Ask(RequestKind.Approval, Nine.AddSeconds(30));
        await Ask(RequestKind.Question, Nine.AddSeconds(60));
        Assert.Equal(
            ["agentmcp.deliveries.open ops 3", "agentmcp.requests.age approval 90", "agentmcp.requests.age question 30", "agentmcp.requests.open approval 2", "agentmcp.requests.open question 1", "agentmcp.threads.current pending 3"],
            Collected());

        await store.Append(store.Read(oldest), [new ThreadCancelled(Nine.AddSeconds(80), "mia", "cli")]);
        clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(
            ["agentmcp.requests.age approval 70", "agentmcp.requests.age question 40", "agentmcp.requests.open approval 1", "agentmcp.requests.open question 1", "agentmcp.threads.current cancelled 1", "agentmcp.threads.current pending 2"],
            Collected().Where(line => !line.StartsWith("agentmcp.deliveries", StringComparison.Ordinal)));

        List<string> Collected()
        {
            told.Clear();
            listener.RecordObservableInstruments();
            return [.. told.Order(StringComparer.Ordinal)];
        }

        async Task<ThreadId> Ask(RequestKind kind, DateTimeOffset at)
        {
            var id = ThreadId.New(at);
            await store.Start(ThreadLog.Of(id,
            [
                new ThreadStarted(at, "calculator", "sha256:1", JsonText.Of("go"), "local", "cli", "message_received"), new StepChosen(at, "divide", JsonText.Parse("{}"), "rules"),
                new RequestOpened(at, kind, "Which one?", Action: kind == RequestKind.Approval ? ActionDigest.Bind("divide", JsonText.Parse("{}")) : null, Reach: new(["ops"])),
            ]), null, takeLease: false);
            return id;
        }
    }
}
