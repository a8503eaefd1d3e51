using Microsoft.Extensions.Logging;

namespace AgentMcp.Agents.Files;

/// <summary>
/// Keeps a catalog as its folders are: a file that is written, moved or removed is read within a moment, and all others
/// with it. The system tells of changes where it can; a glance at sizes and times finds what it did not tell. Thread-safe.
/// </summary>
public sealed class AgentWatch : IDisposable
{
    /// <summary>How long a change may go unnoticed that the system does not tell of.</summary>
    public static readonly TimeSpan Glance = TimeSpan.FromSeconds(2);

    /// <summary>How long after a change it is read: editors write in several steps.</summary>
    public static readonly TimeSpan Settling = TimeSpan.FromMilliseconds(150);

    private readonly Lock _lock = new();
    private readonly AgentFolders _folders;
    private readonly MicroagentCatalog _catalog;
    private readonly ILogger _log;
    private readonly TimeProvider _clock;
    private readonly ITimer _timer;
    private readonly List<FileSystemWatcher> _watchers = [];
    private DateTimeOffset _next;
    private bool _ended;

    /// <param name="folders">Which the catalog was read from.</param>
    public AgentWatch(AgentFolders folders, MicroagentCatalog catalog, TimeProvider clock, ILogger log)
    {
        (_folders, _catalog, _clock, _log) = (folders, catalog, clock, log);
        _next = clock.GetUtcNow() + Glance;
        _timer = clock.CreateTimer(_ => Look(), null, Glance, Glance);
        foreach (var folder in folders.All.Where(Directory.Exists))
        {
            Follow(folder);
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            _ended = true;
        }

        _timer.Dispose();
        _watchers.ForEach(watcher => watcher.Dispose());
    }

    private void Follow(string folder)
    {
        try
        {
            var watcher = new FileSystemWatcher(folder, "*.md");
            watcher.Changed += (_, _) => Soon();
            watcher.Created += (_, _) => Soon();
            watcher.Deleted += (_, _) => Soon();
            watcher.Renamed += (_, _) => Soon();
            watcher.EnableRaisingEvents = true;
            _watchers.Add(watcher);
        }
        catch (Exception e) when (e is IOException or ArgumentException or PlatformNotSupportedException)
        {
            // The system has only so many watches; the glance goes on without one.
            _log.LogInformation("Changes in {Folder} are noticed a little later: {Reason}", folder, e.Message);
        }
    }

    private void Soon()
    {
        lock (_lock)
        {
            // Never later than it was to be anyway: a folder that is written to all the time would not be read at all.
            var soon = _clock.GetUtcNow() + Settling;
            if (!_ended && soon < _next)
            {
                _next = soon;
                _timer.Change(Settling, Glance);
            }
        }
    }

    private void Look()
    {
        lock (_lock)
        {
            _next = _clock.GetUtcNow() + Glance;
            try
            {
                if (!_ended && _folders.HaveChanged)
                {
                    _folders.Into(_catalog);
                    _log.LogInformation("The agents were read again: {Count}, {Problems} problems", _catalog.All.Count, _catalog.Problems.Count);
                }
            }
            catch (Exception e)
            {
                // Nobody awaits a timer; the agents stay as they were, and the next glance tries again.
                _log.LogError(e, "The agents cannot be read again");
            }
        }
    }
}
