using System.Security.Cryptography;
using System.Text;
using AgentMcp.State.Threads;

namespace AgentMcp.State.Sqlite;

/// <summary>What is wrong with one log, and with the row that should follow from it. Pure.</summary>
internal static class LogCheck
{
    /// <summary>The thread and its events as far as nothing is wrong with them; null as soon as something is.</summary>
    public sealed record Outcome(AgentThread? Thread, IReadOnlyList<ThreadEvent> Events, IReadOnlyList<Flaw> Flaws);

    public static string HashOf(string text) => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));

    public static Outcome Of(string id, IReadOnlyList<(long Version, string Data)> stored, IReadOnlySet<string> definitions)
    {
        var log = Fold(id, stored);
        return log.Thread is { } thread ? log with { Flaws = [.. Digests(id, log.Events), .. Missing(id, thread, definitions)] } : log;
    }

    public static Outcome Fold(string id, IReadOnlyList<(long Version, string Data)> stored)
    {
        if (!ThreadId.TryParse(id, out var threadId))
        {
            return Broken(id, $"'{id}' is no id of a thread.");
        }

        if (stored.Count == 0)
        {
            return Broken(id, "It is listed and has no events.");
        }

        var thread = new AgentThread(threadId);
        List<ThreadEvent> events = new(stored.Count);
        foreach (var (version, data) in stored)
        {
            if (version != thread.Version + 1)
            {
                return Broken(id, $"Event {thread.Version + 1} is missing; the next one is {version}.");
            }

            try
            {
                events.Add(ThreadJson.Read(data));
                thread = AgentThread.Evolve(thread, events[^1]);
            }
            catch (Exception e)
            {
                // Whatever a log that was tampered with makes of the fold, it is the log that is wrong.
                return Broken(id, $"Event {version} cannot be understood: {e.Message}");
            }
        }

        return new(thread, events, []);
    }

    /// <param name="listed">The row there is; null when there is none.</param>
    public static IEnumerable<Flaw> Compare(ThreadRow folded, ThreadRow? listed)
    {
        if (listed is null)
        {
            yield return new(folded.ThreadId, "It is missing in the list of threads.", Verification.Rebuild);
        }
        else if (listed != folded)
        {
            var differences = typeof(ThreadRow).GetProperties().Where(field => !Equals(field.GetValue(listed), field.GetValue(folded)))
                .Select(field => $"{field.Name} is {field.GetValue(listed) ?? "nothing"} and should be {field.GetValue(folded) ?? "nothing"}");
            yield return new(folded.ThreadId, $"The list of threads does not fit its log: {string.Join("; ", differences)}.", Verification.Rebuild);
        }
    }

    private static IEnumerable<Flaw> Digests(string id, IEnumerable<ThreadEvent> events) => events
        .Select((happened, i) => (Version: i + 1, (happened as RequestOpened)?.Action))
        .Where(one => one.Action is { } action && ActionDigest.Of(action.Tool, action.Arguments) != action.Digest)
        .Select(one => new Flaw(id, $"The action in event {one.Version} is not the one its digest was made of.", Verification.Restore));

    private static IEnumerable<Flaw> Missing(string id, AgentThread thread, IReadOnlySet<string> definitions) =>
        definitions.Contains(thread.Definition.Hash) || thread.IsFinal ? []
            : [new(id, $"The definition it runs under, {thread.Definition.Hash}, is missing.", "Restore a backup (agentmcp restore FILE); until then it goes on as its agent is today.")];

    private static Outcome Broken(string id, string what) => new(null, [], [new(id, what, Verification.Restore)]);
}
