using ModelContextProtocol.Client;

namespace AgentMcp.Server.Upstream;

/// <summary>
/// One client of a connection, and how many requests wait for their answers over it. Once it is given up it takes no
/// further one, and the last that leaves it closes it: those under way have no part in what went wrong. Thread-safe.
/// </summary>
internal sealed class UpstreamLine(McpClient client)
{
    private readonly Lock _lock = new();
    private int _requests;
    private bool _isGivenUp;
    private bool _isClosed;

    public McpClient Client => client;

    public bool IsAlive => !client.Completion.IsCompleted;

    /// <summary>Whether a request may go over it. Then it has to leave.</summary>
    public bool Enter()
    {
        lock (_lock)
        {
            _requests += _isGivenUp ? 0 : 1;
            return !_isGivenUp;
        }
    }

    public void GiveUp()
    {
        lock (_lock)
        {
            _isGivenUp = true;
        }
    }

    /// <returns>Whether it is now to be closed.</returns>
    public bool Leave()
    {
        lock (_lock)
        {
            return --_requests == 0 && _isGivenUp && !_isClosed;
        }
    }

    /// <summary>True for the first who wants to close it.</summary>
    public bool BeginsToClose()
    {
        lock (_lock)
        {
            var first = !_isClosed;
            (_isGivenUp, _isClosed) = (true, true);
            return first;
        }
    }
}
