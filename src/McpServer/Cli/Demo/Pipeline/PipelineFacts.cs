namespace AgentMcp.Server.Cli.Demo.Pipeline;

/// <summary>What must have followed from what a person decided: everything approved happened once, and nothing else did.</summary>
internal static class PipelineFacts
{
    /// <param name="tags">All production tags in the remote, oldest first; the first was there before the demo began.</param>
    public static IEnumerable<Check> Checks(IReadOnlyList<Delivery> deliveries, IReadOnlyList<(string Name, string Sha)> tags, int switches) =>
        deliveries.SelectMany(Of).Concat(Effects([.. deliveries.SelectMany(delivery => delivery.Approved)], tags, switches));

    private static IEnumerable<Check> Of(Delivery delivery)
    {
        var name = $"\"{delivery.Title}\"";
        yield return new($"{name}: the call returned while an agent two threads deep asked for approval", delivery.AskedBelow);
        yield return new($"{name}: staging served it by then, and production was untouched", delivery.OnStagingOnly);
        if (delivery.Killed is var (exitCode, next))
        {
            yield return new($"{name}: the server was killed (exit code {exitCode}), and the next one, over {next}, knew both threads as they were left",
                exitCode != 0 && delivery.AcrossServers is var (left, found) && left == found);
        }

        if (delivery.Repetition is var (before, after))
        {
            yield return new($"{name}: the same answer a second time changed nothing", before == after);
        }

        yield return Ended(delivery, name);
        yield return new($"{name}: every event of its {delivery.Threads.Count} threads is in a log once", delivery.Threads.All(thread => thread.TellsEverythingOnce));
    }

    private static Check Ended(Delivery delivery, string name) => (delivery.Outcome, delivery.Last.Status) switch
    {
        ("deployed", "completed") => new($"{name}: production passed its tests and serves it", Serves(delivery)),
        ("rolled_back", "completed") => new($"{name}: production failed its tests, a thread of its own took it back, and production serves what it did before",
            delivery.After == delivery.Before && Agents(delivery) is ["deploybot", "rollback"]),
        ("not_deployed", "completed") => new($"{name}: nothing was approved, and production serves what it did before", delivery.After == delivery.Before && !delivery.Approved.Any()),
        ("recovered" or "left_failing", "completed") => new($"{name}: production is as a person left it", Agents(delivery) is ["deploybot", "rollback"]),
        var (outcome, status) => new($"{name}: the pipeline ended well ({outcome ?? status})", false),
    };

    private static IEnumerable<Check> Effects(IReadOnlyList<WireAction> approved, IReadOnlyList<(string Name, string Sha)> tags, int switches)
    {
        List<string> pushes = [.. approved.Select(action => action.Sha).OfType<string>()];
        yield return new($"the remote has one production tag for each of the {pushes.Count} approved pushes, in their order, and no other",
            tags.Skip(1).Select(tag => tag.Sha).SequenceEqual(pushes));
        var promotions = approved.Count(action => action.Build is not null);
        yield return new($"the frontend was switched once for each of the {promotions} approved promotions", switches == promotions);
    }

    // Whoever approved one part only has that part of it.
    private static bool Serves(Delivery delivery) =>
        delivery.After.Backend == (delivery.Approved.Any(action => action.Sha is not null) ? delivery.Sha : delivery.Before.Backend)
        && delivery.After.Frontend == (delivery.Approved.Any(action => action.Build is not null) ? delivery.Sha : delivery.Before.Frontend)
        && delivery.After.Page.Contains(delivery.After.Frontend == delivery.Sha ? delivery.Title : "", StringComparison.Ordinal);

    private static IReadOnlyList<string> Agents(Delivery delivery) => [.. delivery.Threads.Skip(1).Select(thread => thread.Agent)];
}
