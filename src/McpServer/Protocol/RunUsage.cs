using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Protocol;

/// <summary>What the threads of one run have used together: a root and all that it called, wherever it was asked for.</summary>
/// <param name="Threads">How many of them were reckoned.</param>
/// <param name="IsWhole">Whether none is missing for being hidden from whoever looks, or because nobody can read it.</param>
internal sealed record RunUsage(int Threads, Usage Usage, int UnpricedSteps, bool IsWhole)
{
    private const int MostThreads = 200;

    /// <summary>Null for a thread that called nobody and was called by nobody, as far as this principal sees.</summary>
    public static RunUsage? Of(Core core, AgentThread thread, Principal who)
    {
        var family = core.Search.Family(thread.Start.Root ?? thread.Id, MostThreads);
        var seen = SeenOf(core, family, who);
        return seen.Count <= 1 ? null : seen.Select(row => Read(core, row)).OfType<AgentThread>()
            .Aggregate(new RunUsage(0, new(0, 0), 0, false), (sum, one) => new(sum.Threads + 1, sum.Usage + one.Usage, sum.UnpricedSteps + one.UnpricedSteps, sum.Threads + 1 == family.Count));
    }

    /// <summary>The relatives that a principal sees: who is asked by one of them is asked by no other.</summary>
    public static IReadOnlyList<ThreadRow> SeenOf(Core core, IReadOnlyList<ThreadRow> family, Principal who) =>
        family.Count <= 1 ? family : [.. family.Where(row => core.Sees(who, ThreadId.Parse(row.ThreadId)))];

    public string Text => UsageText.Of(Usage, UnpricedSteps);

    private static AgentThread? Read(Core core, ThreadRow row)
    {
        try
        {
            return core.Host.Get(ThreadId.Parse(row.ThreadId), row.Principal).Thread;
        }
        catch (Exception e) when (e is RefusedException || DatabaseException.IsOfOneLog(e))
        {
            return null;
        }
    }
}
