using AgentMcp.Server.Access;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Sqlite;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace AgentMcp.Server.Tests.Access;

/// <summary>A server uses the context of a request again for the next one of its connection.</summary>
public sealed class Whoever_has_left_is_not_cut_off
{
    [Fact]
    public void Though_it_was_still_there_when_the_look_began()
    {
        using var folder = new TestFolder();
        using var database = Database.Open(folder.Database);
        using var owner = new Owner(database);
        using var store = new ThreadStore(database, owner);
        var clock = new FakeTimeProvider();
        var tenure = new Tenure(new KeyRing(new ApiKeys(database, store), clock), clock, NullLogger.Instance);
        var who = new Principal("ana", Roles.Run, Until: clock.GetUtcNow());
        var cutOff = 0;
        List<IDisposable> guests = [];
        for (var i = 0; i < 2; i++)
        {
            var features = new FeatureCollection();
            // Whichever is cut off first: both leave.
            features.Set<IHttpRequestLifetimeFeature>(new Lifetime(() =>
            {
                cutOff++;
                guests.ForEach(guest => guest.Dispose());
            }));
            guests.Add(tenure.Hold(who, new DefaultHttpContext(features)));
        }

        tenure.Look();

        Assert.Equal(1, cutOff);
    }

    private sealed class Lifetime(Action aborted) : IHttpRequestLifetimeFeature
    {
        public CancellationToken RequestAborted { get; set; }

        public void Abort() => aborted();
    }
}
