namespace AgentMcp.Server.Hosting;

/// <summary>The values of settings that nobody is shown.</summary>
internal sealed partial class Settings
{
    /// <summary>Taken out of what other servers say, and of telemetry.</summary>
    public KnownSecrets Secrets { get; }

    private static bool IsSecret(string name) => name.EndsWith("token", StringComparison.Ordinal) || name.EndsWith("key", StringComparison.Ordinal);

    private KnownSecrets AllSecrets() => new([
        .. Known.Where(setting => IsSecret(setting.Name)).Select(setting => Get(setting.Name)),
        .. from name in (string[])["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "AZURE_OPENAI_API_KEY"] select Environment.GetEnvironmentVariable(name),
        .. Upstreams.SelectMany(server => server.OwnSecrets),
        .. Channels.SelectMany(channel => channel.Secrets),
        .. Triggers.SelectMany(trigger => trigger.Secrets),
        .. CollectorHeaders(),
    ]);

    // As name=value,name=value, with values as in a URL. Collectors name theirs as they like: each is taken for a secret.
    private static IEnumerable<string> CollectorHeaders() =>
        from variable in (string[])["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_LOGS_HEADERS"]
        from header in (Environment.GetEnvironmentVariable(variable) ?? "").Split(',')
        select Uri.UnescapeDataString(header[(header.IndexOf('=', StringComparison.Ordinal) + 1)..]);
}
