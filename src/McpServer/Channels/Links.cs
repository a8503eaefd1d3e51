using AgentMcp.Server.Inbox;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Channels;

/// <summary>Where people answer in a browser. Null while this process knows no address for it.</summary>
internal sealed class Links(Func<string?> site, string database, TimeProvider clock)
{
    private static readonly TimeSpan Lifetime = TimeSpan.FromDays(7);

    private readonly LocalAccess _access = new(database, clock);

    /// <summary>The page of a request, for whoever is signed in.</summary>
    public string? Page(string request) => site() is { } root ? root.TrimEnd('/') + Path(request) : null;

    /// <summary>A link that signs one person in, once, to this page alone. Looking at it changes nothing, so a mail scanner may.</summary>
    public string? Once(string request, RequestOpened asked, string channel)
    {
        var now = clock.GetUtcNow();
        var lifetime = asked.DueAt is { } due && due - now < Lifetime ? due - now : Lifetime;
        return site() is { } root ? _access.SignInLink(root, lifetime, Path(request), channel, Path(request)) : null;
    }

    private static string Path(string request) => "/requests/" + request;
}
