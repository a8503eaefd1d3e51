using System.Net;
using AgentMcp.Server.Hosting;
using Microsoft.AspNetCore.HttpOverrides;
using Microsoft.Extensions.Configuration;

namespace AgentMcp.Server.Access;

/// <summary>Who has to show what to come in over HTTP, and where the server listens.</summary>
/// <param name="Keys">API keys are taken.</param>
/// <param name="Oidc">Whose tokens are taken; null for nobody's.</param>
/// <param name="Bind">Where it listens; null for the loopback interface.</param>
/// <param name="Hosts">Names this server is reached by, beside those of the machine itself.</param>
/// <param name="Proxies">Whose word on where a request came from is believed.</param>
/// <param name="Allow">The roles and principals that agents are restricted to; by names in any case, since variables of the environment are in capitals.</param>
internal sealed record AccessSettings(
    bool Keys, OidcSettings? Oidc, IPAddress? Bind, IReadOnlyList<string> Hosts, IReadOnlyList<System.Net.IPNetwork> Proxies, IReadOnlyDictionary<string, IReadOnlyList<string>> Allow)
{
    /// <summary>Nobody is asked, and nobody but this machine served.</summary>
    public static AccessSettings None { get; } = new(false, null, null, [], [], new Dictionary<string, IReadOnlyList<string>>());

    public bool IsOn => Keys || Oidc is not null;

    public bool IsLoopback => Bind is null || IPAddress.IsLoopback(Bind);

    /// <summary>Why the server is not started; null where nothing speaks against it.</summary>
    public string? OpenDoors => IsLoopback || IsOn ? null :
        $"agentmcp http is not started: on {Bind} anybody on the network could reach it, and nobody would have to say who they are. " +
        "Set auth to keys (AGENTMCP_AUTH=keys) and make a key with agentmcp keys create NAME --roles run, or set auth to oidc; or leave bind at localhost.";

    /// <exception cref="SettingsException">It would be open to the network without asking anybody who they are.</exception>
    public void CheckDoors()
    {
        if (OpenDoors is { } open)
        {
            throw new SettingsException(open, "bind");
        }
    }

    /// <summary>Restrictions that restrict nothing, since there is no such agent; there may be one later.</summary>
    public IEnumerable<string> Mistakes(IReadOnlyCollection<string> agents) => Allow.Keys.Where(name => !agents.Contains(name, StringComparer.OrdinalIgnoreCase))
        .Order(StringComparer.OrdinalIgnoreCase).Select(name => $"The setting allow restricts '{name}', and there is no such agent. agentmcp agents shows those there are.");

    public static AccessSettings Read(IConfiguration given, Func<string, string?> get)
    {
        var ways = List(get("auth"));
        if (ways.Except(["none", "keys", "oidc"]).Any() || (ways.Contains("none") && ways.Count > 1))
        {
            throw new SettingsException($"The setting auth must be none, keys, oidc or keys,oidc, not '{get("auth")}'.", "auth");
        }

        return new(ways.Contains("keys"), ways.Contains("oidc") ? OidcSettings.Read(get) : null, Address(get("bind")!), List(get("hosts")), [.. List(get("proxies")).Select(Network)],
            given.GetSection("allow").GetChildren().ToDictionary(agent => agent.Key, agent => (IReadOnlyList<string>)(agent.Value is { } names ? List(names) : [.. agent.GetChildren().Select(name => name.Value!)]), StringComparer.OrdinalIgnoreCase));
    }

    internal static List<string> List(string? text) => [.. (text ?? "").Split([',', ' '], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries)];

    private static IPAddress? Address(string text) => text is "localhost" ? null : text is "*" ? IPAddress.Any
        : IPAddress.TryParse(text, out var address) ? address
        : throw new SettingsException($"The setting bind must be localhost, * or an IP address of this machine, not '{text}'.", "bind");

    private static System.Net.IPNetwork Network(string text) =>
        System.Net.IPNetwork.TryParse(text, out var network) ? network
        : IPAddress.TryParse(text, out var one) ? new(one, one.GetAddressBytes().Length * 8)
        : throw new SettingsException($"The setting proxies must list IP addresses or networks such as 10.0.0.0/8, not '{text}'.", "proxies");
}
