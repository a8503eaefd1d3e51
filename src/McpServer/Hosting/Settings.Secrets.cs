namespace AgentMcp.Server.Hosting;

/// <summary>The values of settings that nobody is shown.</summary>
internal sealed partial class Settings
{
    /// <summary>Taken out of what other servers say, and of telemetry.</summary>
    public KnownSecrets Secrets { get; }

    private const int LikeAKey = 16;

    private static bool IsSecret(string name) => name.EndsWith("token", StringComparison.Ordinal) || name.EndsWith("key", StringComparison.Ordinal);

    private KnownSecrets AllSecrets() => new([
        .. Known.Where(setting => IsSecret(setting.Name)).Select(setting => Get(setting.Name)),
        .. from name in (string[])["ANTHROPIC_API_KEY", "OPENAI_API_KEY", "AZURE_OPENAI_API_KEY"] select Environment.GetEnvironmentVariable(name),
        .. Upstreams.SelectMany(server => server.OwnSecrets),
        .. Channels.SelectMany(channel => channel.Secrets),
        .. Triggers.SelectMany(trigger => trigger.Secrets),
        .. CollectorHeaders(),
    ]);

    // As name=value,name=value, with values as in a URL. Collectors name theirs as they like, so a long value with a digit is a
    // key, too; the name of a data set or a tenant has to stay readable in what others say.
    private static IEnumerable<string> CollectorHeaders() =>
        from variable in (string[])["OTEL_EXPORTER_OTLP_HEADERS", "OTEL_EXPORTER_OTLP_TRACES_HEADERS", "OTEL_EXPORTER_OTLP_METRICS_HEADERS", "OTEL_EXPORTER_OTLP_LOGS_HEADERS"]
        from header in (Environment.GetEnvironmentVariable(variable) ?? "").Split(',')
        let at = header.IndexOf('=', StringComparison.Ordinal)
        where at > 0
        let value = Uri.UnescapeDataString(header[(at + 1)..]).Trim()
        from secret in value.Length >= LikeAKey && value.Any(char.IsAsciiDigit) ? [value] : KnownSecrets.Among([new(header[..at].Trim(), value)])
        select secret;
}
