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
    ]);
}
