using System.Text.RegularExpressions;
using AgentMcp.Agents.Tools;
using AgentMcp.Server.Hosting;
using Microsoft.Extensions.Configuration;

namespace AgentMcp.Server.Upstream;

/// <summary>
/// One MCP server whose tools agents may use, in the format hosts have it: a command to start or an address. Values may
/// hold <c>${NAME}</c> or <c>${NAME:-otherwise}</c> of the environment. What is in <c>env</c> and <c>headers</c> is never shown.
/// </summary>
/// <param name="Trust">Whether its hints are believed: that a tool only reads, or may be repeated.</param>
internal sealed partial record UpstreamSettings(
    string Name, string? Command, IReadOnlyList<string> Arguments, IReadOnlyDictionary<string, string> Environment, string? Folder,
    Uri? Url, IReadOnlyDictionary<string, string> Headers, bool Trust)
{
    public const string Section = "mcpServers";

    private static readonly string[] Fields = ["type", "command", "args", "env", "cwd", "url", "headers", "trust", "disabled", "description"];

    /// <summary>What nobody is shown that this server, or we, might repeat.</summary>
    public KnownSecrets Secrets { get; init; } = KnownSecrets.None;

    /// <summary>The secrets that this entry brings.</summary>
    public IEnumerable<string> OwnSecrets => KnownSecrets.Among([.. Environment, .. Headers, .. Named(Arguments), .. Query()]);

    /// <summary>What may be shown of it.</summary>
    public string Shown => Secrets.Of(ErrorText.Redacted(Url is { } url
        ? $"{url.GetLeftPart(UriPartial.Path)}{(Headers.Count > 0 ? $" with {string.Join(", ", Headers.Keys)}" : "")}"
        : $"{string.Join(' ', Arguments.Prepend(Command))}{(Environment.Count > 0 ? $" with {string.Join(", ", Environment.Keys)}" : "")}"));

    /// <summary>The servers of appsettings.json, then those of a file of their own; the later one of a name counts.</summary>
    /// <exception cref="SettingsException">A server cannot be used as it is described.</exception>
    public static IReadOnlyList<UpstreamSettings> Read(IConfiguration given, string? file)
    {
        var all = new SortedDictionary<string, UpstreamSettings>(StringComparer.Ordinal);
        foreach (var server in given.GetSection(Section).GetChildren().Concat(file is null ? [] : Load(file)))
        {
            all.Remove(server.Key);
            if (!bool.TryParse(server["disabled"], out var off) || !off)
            {
                all[server.Key] = One(server);
            }
        }

        return [.. all.Values];
    }

    // "--token x" and "--token=x".
    private static IEnumerable<KeyValuePair<string, string>> Named(IReadOnlyList<string> arguments) => arguments.Zip([.. arguments.Skip(1), ""])
        .Where(pair => pair.First.StartsWith('-'))
        .Select(pair => pair.First.Split('=', 2) is [var name, var value] ? KeyValuePair.Create(name, value) : KeyValuePair.Create(pair.First, pair.Second.StartsWith('-') ? "" : pair.Second));

    private IEnumerable<KeyValuePair<string, string>> Query() => (Url?.Query ?? "").TrimStart('?').Split('&').Select(pair => pair.Split('=', 2))
        .Where(pair => pair.Length == 2).Select(pair => KeyValuePair.Create(pair[0], Uri.UnescapeDataString(pair[1])));

    private static IEnumerable<IConfigurationSection> Load(string file)
    {
        try
        {
            return new ConfigurationBuilder().AddJsonFile(Path.GetFullPath(file)).Build().GetSection(Section).GetChildren();
        }
        catch (Exception e) when (e is FileNotFoundException or InvalidDataException or FormatException)
        {
            var why = e is FileNotFoundException ? "There is no such file." : $"It is not JSON: {(e.InnerException ?? e).Message.Split('\n')[0]}";
            throw new SettingsException($"The setting mcp names {file}, which cannot be read. {why} It holds {{\"mcpServers\": {{\"name\": {{\"command\": ...}}}}}}, as MCP hosts have it.", "mcp");
        }
    }

    private static UpstreamSettings One(IConfigurationSection server)
    {
        var name = server.Key;
        if (!ServerName().IsMatch(name))
        {
            throw Wrong(name, "its name must be letters, digits, _ and -, at most 64, because its tools are called name.tool");
        }

        if (server.GetChildren().Select(field => field.Key).FirstOrDefault(field => !Fields.Contains(field, StringComparer.OrdinalIgnoreCase)) is { } unknown)
        {
            throw Wrong(name, $"there is no field '{unknown}'; there are command, args, env and cwd, or url and headers, and type, trust and disabled");
        }

        var (command, address, type) = (Text(server, "command"), Text(server, "url"), server["type"]);
        if ((command is null) == (address is null))
        {
            throw Wrong(name, command is null ? "it needs a command or a url" : "it has a command and a url; leave one of the two out");
        }

        if (type is not (null or "stdio" or "http" or "streamable-http" or "sse") || (type is not null && type == "stdio" == command is null))
        {
            throw Wrong(name, $"its type is '{type}'; it must be stdio with a command, or http with a url");
        }

        Uri? url = null;
        if (address is not null && (!Uri.TryCreate(address, UriKind.Absolute, out url) || url.Scheme is not ("http" or "https")))
        {
            throw Wrong(name, $"its url must begin with https:// or http://, not '{address}'");
        }

        return new(name, command, [.. server.GetSection("args").GetChildren().Select(argument => Filled(name, argument.Value ?? ""))], Map(server, "env"),
            Text(server, "cwd"), url, Map(server, "headers"), server["trust"] switch
            {
                null => false,
                var text when bool.TryParse(text, out var trust) => trust,
                var other => throw Wrong(name, $"trust must be true or false, not '{other}'"),
            });
    }

    private static string? Text(IConfigurationSection server, string field) => server[field] is { Length: > 0 } text ? Filled(server.Key, text) : null;

    private static Dictionary<string, string> Map(IConfigurationSection server, string field) =>
        server.GetSection(field).GetChildren().ToDictionary(one => one.Key, one => Filled(server.Key, one.Value ?? ""));

    private static string Filled(string server, string text) => Variable().Replace(text, match =>
        System.Environment.GetEnvironmentVariable(match.Groups["name"].Value) is { Length: > 0 } value ? value
        : match.Groups["otherwise"] is { Success: true } otherwise ? otherwise.Value
        : throw Wrong(server, $"the environment has no {match.Groups["name"].Value}, which it names; set it, or write ${{{match.Groups["name"].Value}:-otherwise}}"));

    private static SettingsException Wrong(string server, string reason) => new($"The MCP server '{server}' cannot be used: {reason}.");

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex ServerName();

    [GeneratedRegex(@"\$\{(?<name>[A-Za-z_][A-Za-z0-9_]*)(:-(?<otherwise>[^}]*))?\}")]
    private static partial Regex Variable();
}
