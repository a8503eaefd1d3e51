using AgentMcp.Server.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Access;

/// <summary>What an HTTP server needs to know who comes in, wired once.</summary>
internal sealed class Entry : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly HttpClient _http = new() { Timeout = Patience };

    public Entry(Core core, ILoggerFactory logs)
    {
        var (access, logger) = (core.Settings.Access, logs.CreateLogger<Entry>());
        Keys = new(core.Keys, core.Clock);
        Tenure = new(Keys, core.Clock, logger);
        Metadata = new(access, core.Settings.PublicUrl);
        Entrance = new(access, Keys, access.Oidc is null ? null : new(access.Oidc, new(access.Oidc.Authority, _http, core.Clock, logger), Keys), Tenure, Metadata, logger);
    }

    public KeyRing Keys { get; }

    public Tenure Tenure { get; }

    public Metadata Metadata { get; }

    public Entrance Entrance { get; }

    public void Dispose() => _http.Dispose();
}
