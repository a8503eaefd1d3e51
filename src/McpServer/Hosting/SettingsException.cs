namespace AgentMcp.Server.Hosting;

/// <summary>A setting that cannot be used; the message says which and what it may be.</summary>
internal sealed class SettingsException(string message, string? setting = null) : Exception(message)
{
    public string? Setting { get; } = setting;
}
