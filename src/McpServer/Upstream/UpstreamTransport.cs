using ModelContextProtocol.Client;

namespace AgentMcp.Server.Upstream;

/// <summary>How a configured server is reached.</summary>
internal static class UpstreamTransport
{
    private static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(2);

    // A started server gets the few variables hosts pass on and what its entry says, and no key of ours.
    public static IClientTransport Of(UpstreamSettings settings, Action<string> said)
    {
        if (settings.Url is { } url)
        {
            return new HttpClientTransport(new()
            {
                Endpoint = url,
                Name = settings.Name,
                AdditionalHeaders = settings.Headers.ToDictionary(),
            }, Http(), ownsHttpClient: true);
        }

        var environment = StdioClientTransportOptions.GetDefaultEnvironmentVariables();
        foreach (var (name, value) in settings.Environment)
        {
            environment[name] = value;
        }

        return new StdioClientTransport(new()
        {
            Command = settings.Command!,
            Arguments = [.. settings.Arguments],
            Name = settings.Name,
            WorkingDirectory = settings.Folder,
            InheritEnvironmentVariables = false,
            EnvironmentVariables = environment,
            ShutdownTimeout = ShutdownTimeout,
            StandardErrorLines = said,
        });
    }

    // No redirects: a token in a header must not follow them to another host.
    private static HttpClient Http() => new(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(10) }) { Timeout = Timeout.InfiniteTimeSpan };
}
