using System.Globalization;
using AgentMcp.Agents;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Microagents.Pipeline;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;
using AgentMcp.Server.Access;
using AgentMcp.Server.Channels;
using AgentMcp.Server.Protocol.Pause;
using AgentMcp.Server.Triggers;
using AgentMcp.Server.Upstream;
using AgentMcp.State.Threads;
using Microsoft.Extensions.Configuration;

namespace AgentMcp.Server.Hosting;

/// <summary>
/// What the program was told, from <c>appsettings.json</c>, <c>AGENTMCP_*</c> variables and options, the later
/// winning. Every setting is a row of <see cref="Known"/>, which is also what doctor shows.
/// </summary>
internal sealed partial class Settings
{
    /// <summary>Name (as in the file; upper case after <c>AGENTMCP_</c> in the environment), default, meaning.</summary>
    public static readonly IReadOnlyList<(string Name, string? Default, string Meaning)> Known =
    [
        ("db", null, "The database file; by default threads.db in the user's data folder."),
        ("agents", null, $"Folders of agent files (*.agent.md, or .claude/agents), separated by {Path.PathSeparator}."),
        ("agents_home", null, "Your own folder of agent files, or off; by default agentmcp/agents in your configuration folder."),
        .. ModelRows,
        .. OperationRows,
        .. LimitRows,
        ("mcp", null, "A file of MCP servers whose tools agents may use, as hosts have it: {\"mcpServers\": {...}}."),
        ("mcp_start_timeout", "30", "Seconds such a server may take to start."),
        ("mcp_timeout", "60", "Seconds a call of one of its tools may take."),
        ("approvals", "caller", "Who may answer: caller, or human for the whole server."),
        ("notify", null, "The channels through which people are told, by name, separated by commas."),
        ("remind_after", null, $"When people are told again: {Duration.Example}."),
        ("escalate_to", null, "The channel that is told when nobody has answered."),
        ("escalate_after", null, $"When it is told: {Duration.Example}."),
        ("expire_after", null, $"When a request takes no answer any more and an approval counts as rejected: {Duration.Example}. Never, unless set."),
        ("pause", "auto", "How a request for a person is shown to a client: auto, result, elicit or task; never in a form it did not declare."),
        ("form_timeout", "600", "Seconds a form is shown during a call, in sessions up to 2025-11-25."),
        ("form_lifetime", "86400", "Seconds in which a form may be answered by calling again, from 2026-07-28 on."),
        ("public_url", null, "Where people's browsers reach the inbox, for links in messages; by default this server's own address."),
        ("wait", "40", "Seconds a call waits for a result when it does not say."),
        ("max_wait", "300", "The most seconds a call may wait."),
        ("max_waiting", "500", "The most calls that wait at once; a further one answers at once."),
        ("port", "8484", "The port of agentmcp http, on the loopback interface."),
        ("inbox_port", "0", "The port of the inbox that agentmcp stdio --inbox opens on the loopback interface; 0 for a free one."),
        ("max_body", "1048576", "The most bytes of one HTTP request, and of one message over stdio."),
        ("routing_headers", "off", "Whether clients from 2026-07-28 on must repeat thread_id and agent in headers, for a router: off or on."),
        ("max_sessions", "1000", "The most idle HTTP sessions that are kept."),
        .. AccessRows,
        .. DeployRows,
    ];

    private readonly IConfigurationRoot _given;
    private readonly Dictionary<string, string?> _said;

    private Settings(IConfigurationRoot given)
    {
        _given = given;
        _said = AllSaid(given);
        People = new(Choice("approvals", ("caller", AnswerableBy.Caller), ("human", AnswerableBy.Human)),
            Channels: Get("notify")?.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries), RemindAfter: Time("remind_after"),
            EscalateTo: Get("escalate_to"), EscalateAfter: Time("escalate_after"), ExpiresAfter: Time("expire_after"));
        Pause = Choice("pause", ("auto", PauseSetting.Auto), ("result", PauseSetting.Result), ("elicit", PauseSetting.Elicit), ("task", PauseSetting.Task));
        FormTimeout = TimeSpan.FromSeconds(Number("form_timeout", 1, 86_400));
        FormLifetime = TimeSpan.FromSeconds(Number("form_lifetime", 0, 2_592_000));
        WaitSeconds = Number("wait", 0, 86_400);
        MostWaitSeconds = Number("max_wait", 0, 86_400);
        MostWaiting = (int)Number("max_waiting", 1, 1_000_000);
        Port = (int)Number("port", 0, 65_535);
        InboxPort = (int)Number("inbox_port", 0, 65_535);
        MostBody = (long)Number("max_body", 1024, 1 << 30);
        MostSessions = (int)Number("max_sessions", 1, 1_000_000);
        RoutingHeaders = Choice("routing_headers", ("off", false), ("on", true));
        Models = ReadModels();
        Access = AccessSettings.Read(given, Get);
        Operation = ReadOperation();
        Limits = ReadLimits();
        PublicUrl = Address("public_url") is null ? null : Get("public_url");
        Upstreams = UpstreamSettings.Read(given, Get("mcp"));
        UpstreamStartTimeout = TimeSpan.FromSeconds(Number("mcp_start_timeout", 1, 3600));
        UpstreamTimeout = TimeSpan.FromSeconds(Number("mcp_timeout", 1, 86_400));
        Channels = ChannelSettings.Read(given.GetSection("channels"));
        Triggers = TriggerSettings.Read(given.GetSection("triggers"), Channels);
        Deploy = DeploySettings.From(name => Get(name.ToLowerInvariant()));
        Secrets = AllSecrets();
        Upstreams = [.. Upstreams.Select(server => server with { Secrets = Secrets })];
        Pipeline = new(Address("pipeline_staging_url"), Address("pipeline_production_url"), Get("pipeline_checks")!, Get("pipeline_frontend")!, Time("pipeline_settle"));
    }

    public string Database => Get("db") ?? Path.Combine(DataFolder, "threads.db");

    public IReadOnlyList<string> AgentFolders => AgentPlaces.Named(Get("agents"));

    public string? AgentsHome => AgentPlaces.Home(Get("agents_home"));

    /// <summary>The server's own policy; agents and tools can be stricter.</summary>
    public PeoplePolicy People { get; }

    public AnswerableBy Approvals => People.AnswerableBy;

    public PauseSetting Pause { get; }

    public TimeSpan FormTimeout { get; }

    public TimeSpan FormLifetime { get; }

    /// <summary>Other MCP servers whose tools agents may use.</summary>
    public IReadOnlyList<UpstreamSettings> Upstreams { get; }

    public TimeSpan UpstreamStartTimeout { get; }

    public TimeSpan UpstreamTimeout { get; }

    /// <summary>The ways to reach people, by name.</summary>
    public IReadOnlyList<ChannelSettings> Channels { get; }

    /// <summary>The ways in from outside, by name.</summary>
    public IReadOnlyList<TriggerSettings> Triggers { get; }

    /// <summary>Where browsers reach the inbox, when not at this server's own address.</summary>
    public string? PublicUrl { get; }

    public double WaitSeconds { get; }

    public double MostWaitSeconds { get; }

    public int MostWaiting { get; }

    public int Port { get; }

    public int InboxPort { get; }

    public long MostBody { get; }

    public int MostSessions { get; }

    public bool RoutingHeaders { get; }

    public ModelAccess Models { get; }

    public DeploySettings Deploy { get; }

    public PipelineSettings Pipeline { get; }

    /// <summary>The program this one is part of, with its agents and tools; null for the one that ships.</summary>
    public AgentMcpApp? App { get; private init; }

    /// <param name="options">What the command line says; nulls are not said.</param>
    /// <exception cref="SettingsException">A value cannot be used.</exception>
    public static Settings Load(IReadOnlyDictionary<string, string?>? options = null, AgentMcpApp? app = null)
    {
        var given = Sources().AddInMemoryCollection((options ?? new Dictionary<string, string?>()).Where(option => option.Value is not null));
        try
        {
            return new(given.Build()) { App = app };
        }
        catch (InvalidDataException e)
        {
            throw new SettingsException($"appsettings.json cannot be read: {e.Message}");
        }
    }

    /// <summary>The value in force; secrets are shown as set or not, never themselves.</summary>
    public string? Shown(string name) => Get(name) is not { } value ? null
        : IsSecret(name) ? "(set)" : ErrorText.Redacted(value);

    private static string DataFolder => Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify) is { Length: > 0 } folder ? folder : Path.GetTempPath(),
        "agentmcp");

    private static IConfigurationBuilder Sources() => new ConfigurationBuilder()
        .AddJsonFile(Path.Combine(AppContext.BaseDirectory, "appsettings.json"), optional: true)
        .AddJsonFile(Path.Combine(Environment.CurrentDirectory, "appsettings.json"), optional: true)
        .AddEnvironmentVariables(Prefix);

    private string? Get(string name) => _said.GetValueOrDefault(name) ?? Known.First(setting => setting.Name == name).Default;

    private double Number(string name, double least, double most) =>
        double.TryParse(Get(name), NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number
            : throw new SettingsException($"The setting {name} must be a number from {least} to {most}, not '{Get(name)}'.", name);

    private Uri? Address(string name) => Get(name) is not { } url ? null
        : Uri.TryCreate(url, UriKind.Absolute, out var address) && address.Scheme is "https" or "http" ? address
        : throw new SettingsException($"The setting {name} must be an address that begins with https:// or http://, not '{url}'.", name);

    private TimeSpan? Time(string name) => Get(name) is not { } text ? null
        : Duration.TryParse(text, out var time) ? time
        : throw new SettingsException($"The setting {name} must be a time such as {Duration.Example}, not '{text}'.", name);

    private T Choice<T>(string name, params (string Name, T Value)[] choices) =>
        choices.FirstOrDefault(choice => choice.Name == Get(name)) is (not null, var value) ? value
            : throw new SettingsException($"The setting {name} must be {string.Join(" or ", choices.Select(choice => choice.Name))}, not '{Get(name)}'.", name);
}
