using AgentMcp.Server.Hosting;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Protocol;

/// <summary>What the threads of one run have used together: a root and all that it called, wherever it was asked for.</summary>
internal sealed record RunUsage(int Threads, Usage Usage, int UnpricedSteps)
{
    private const int MostThreads = 200;

    /// <summary>Null for a thread that called nobody and was called by nobody.</summary>
    public static RunUsage? Of(Core core, AgentThread thread)
    {
        var family = core.Search.Family(thread.Start.Root ?? thread.Id, MostThreads);
        return family.Count <= 1 ? null : family
            .Select(row => ThreadId.TryParse(row.ThreadId, out var id) ? core.Host.Get(id, thread.Start.Principal).Thread : throw new InvalidDataException(row.ThreadId))
            .Aggregate(new RunUsage(0, new(0, 0), 0), (sum, one) => new(sum.Threads + 1, sum.Usage + one.Usage, sum.UnpricedSteps + one.UnpricedSteps));
    }

    public string Text => UsageText.Of(Usage, UnpricedSteps);
}
