using System.Collections.Concurrent;

namespace AgentMcp.Agents;

/// <summary>
/// What is tried every few seconds fails every few seconds. Of each thing it is said once, until it fails for another
/// reason or goes well in between. Thread-safe.
/// </summary>
public sealed class Troubles
{
    private readonly ConcurrentDictionary<string, string> _known = new(StringComparer.Ordinal);

    /// <returns>Whether that is news.</returns>
    public bool Note(string of, string reason)
    {
        var isNews = !_known.TryGetValue(of, out var known) || known != reason;
        _known[of] = reason;
        return isNews;
    }

    public void Over(string of) => _known.TryRemove(of, out _);
}
