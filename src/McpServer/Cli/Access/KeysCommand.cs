using System.CommandLine;
using System.Text.RegularExpressions;
using AgentMcp.Agents.Files;
using AgentMcp.Server.Access;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Cli.Access;

/// <summary>API keys: who bears one, what it opens, and taking it back.</summary>
internal static partial class KeysCommand
{
    public static Command Create()
    {
        var command = new Command("keys", "Make, list and revoke the API keys with which agentmcp http lets people and programs in.") { Make(), List(), Revoke() };
        Help.Of(command, "agentmcp keys create ci --roles run --agents-only deploybot --expires 90d", "agentmcp keys list", "agentmcp keys revoke ci");
        return command;
    }

    private static Command Make()
    {
        var name = Name("Whose it is: threads and answers bear this name.");
        var roles = new Option<string>("--roles") { Description = $"What it opens: {string.Join(", ", Principal.RoleNames)}; separated by commas.", HelpName = "ROLES", Required = true };
        var agents = new Option<string?>("--agents-only") { Description = "The agents it is limited to, separated by commas; all unless said.", HelpName = "AGENTS" };
        var expires = new Option<string?>("--expires") { Description = $"How long it holds, such as 90d; for ever unless said.", HelpName = "TIME" };
        var command = new Command("create", "Make a key. It is printed this once; only its hash is stored.") { name, roles, agents, expires };
        command.OnCore(async (core, screen, parsed, _) =>
        {
            var now = core.Clock.GetUtcNow();
            var (key, text) = KeyRing.Make(NameOf(parsed.GetValue(name)!), RolesOf(parsed.GetValue(roles)!), AgentsOf(core.Catalog.Every.Select(agent => agent.Name), parsed.GetValue(agents)),
                now, parsed.GetValue(expires) is { } time ? now + TimeOf(time) : null);
            if (!await core.Keys.Add(key, Principal.Local.Id, Terminal.Channel).ConfigureAwait(false))
            {
                var there = core.Keys.Named(key.Name)?.Name ?? key.Name;
                throw new UsageException($"There is a key of {there} already. Choose another name, or take that one back first: agentmcp keys revoke {there}");
            }

            if (screen.WantsJson)
            {
                Screen.Json(Json(key, now, text));
            }
            else
            {
                screen.Line(text, Tone.Strong);
                screen.Line($"This is the key of {key.Name} ({string.Join(", ", key.Roles)}). It is shown this once; send it as Authorization: Bearer KEY.", Tone.Dim);
            }

            return ExitCode.Done;
        });
        Help.Of(command, "agentmcp keys create mia --roles approve,read", "agentmcp keys create ci --roles run --agents-only deploybot --expires 90d");
        return command;
    }

    private static Command List()
    {
        var command = new Command("list", "List the keys, those that no longer hold among them. None is shown itself.");
        command.OnCore((core, screen, _, _) =>
        {
            var (keys, now) = (core.Keys.All(), core.Clock.GetUtcNow());
            if (screen.WantsJson)
            {
                Screen.Json(JsonText.Write(writer =>
                {
                    writer.WriteStartArray();
                    keys.ToList().ForEach(key => writer.WriteRawValue(Json(key, now).Text));
                    writer.WriteEndArray();
                }));
                return Task.FromResult(ExitCode.Done);
            }

            if (keys.Count == 0)
            {
                screen.Line("There are no keys.");
                return Task.FromResult(ExitCode.Done);
            }

            screen.Table(["NAME", "ROLES", "AGENTS", "CREATED", "STATUS"], [.. keys.Select(key => (string[])[key.Name, string.Join(", ", key.Roles),
                key.Agents is null ? "all" : string.Join(", ", key.Agents), Day(key.CreatedAt), StatusOf(key, now) is "in force" && key.ExpiresAt is { } end ? $"until {Day(end)}" : StatusOf(key, now)])]);
            return Task.FromResult(ExitCode.Done);
        });
        Help.Of(command, "agentmcp keys list --json");
        return command;
    }

    private static Command Revoke()
    {
        var name = Name("Whose key it is.");
        var command = new Command("revoke", "Take a key back. From then on no server on this database lets it in, and what it has open is cut off.") { name };
        command.OnCore(async (core, screen, parsed, _) =>
        {
            var named = parsed.GetValue(name)!;
            var key = await core.Keys.Revoke(named, core.Clock.GetUtcNow(), Principal.Local.Id, Terminal.Channel).ConfigureAwait(false)
                ?? throw new UsageException($"No key of '{Screen.Clean(named)}' is in force. agentmcp keys list shows which there are.");
            screen.Line($"The key of {key.Name} no longer opens anything. Its threads stay.");
            return ExitCode.Done;
        });
        Help.Of(command, "agentmcp keys revoke ci");
        return command;
    }

    private static Argument<string> Name(string description) => new("NAME") { Description = description };

    private static string NameOf(string text) =>
        !Allowed().IsMatch(text) ? throw new UsageException($"'{Screen.Clean(text)}' is no name for a key. Use up to 64 letters, digits and . _ - @ +, beginning with a letter or digit.")
        : Principal.IsReserved(text) ? throw new UsageException($"'{text}' would be taken for something else: a role, this machine or a thread. Choose another name.")
        : text;

    private static List<string> RolesOf(string text)
    {
        var roles = AccessSettings.List(text);
        return roles.Count > 0 && roles.TrueForAll(role => Principal.RoleOf(role) is not null) ? [.. Principal.RoleNames.Where(roles.Contains)]
            : throw new UsageException($"--roles takes {string.Join(", ", Principal.RoleNames)}, separated by commas, not '{Screen.Clean(text)}'.");
    }

    private static List<string>? AgentsOf(IEnumerable<string> known, string? text) => text is null ? null
        : AccessSettings.List(text) is { Count: > 0 } agents && agents.TrueForAll(known.Contains) ? agents
        : throw new UsageException($"--agents-only takes names of agents, separated by commas, not '{Screen.Clean(text)}'. The agents are {string.Join(", ", known)}.");

    private static TimeSpan TimeOf(string text) => Duration.TryParse(text, out var time) && time > TimeSpan.Zero ? time
        : throw new UsageException($"--expires takes a time such as {Duration.Example}, not '{Screen.Clean(text)}'.");

    private static string StatusOf(ApiKey key, DateTimeOffset now) => key.RevokedAt is not null ? "revoked" : key.HoldsAt(now) ? "in force" : "expired";

    private static string Day(DateTimeOffset at) => at.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);

    private static JsonText Json(ApiKey key, DateTimeOffset now, string? text = null) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("name", key.Name);
        writer.WriteString("id", key.Id);
        if (text is not null)
        {
            writer.WriteString("key", text);
        }

        Names("roles", key.Roles);
        Names("agents", key.Agents);
        writer.WriteString("status", StatusOf(key, now).Replace(' ', '_'));
        writer.WriteString("created_at", key.CreatedAt);
        Moment("expires_at", key.ExpiresAt);
        Moment("revoked_at", key.RevokedAt);
        writer.WriteEndObject();

        void Names(string member, IReadOnlyList<string>? names)
        {
            writer.WritePropertyName(member);
            writer.WriteRawValue(names is null ? "null" : JsonText.Write(list =>
            {
                list.WriteStartArray();
                names.ToList().ForEach(list.WriteStringValue);
                list.WriteEndArray();
            }).Text);
        }

        void Moment(string member, DateTimeOffset? at)
        {
            writer.WritePropertyName(member);
            writer.WriteRawValue(at is { } moment ? $"\"{moment:O}\"" : "null");
        }
    });

    [GeneratedRegex(@"\A[A-Za-z0-9][A-Za-z0-9._@+-]{0,63}\z")]
    private static partial Regex Allowed();
}
