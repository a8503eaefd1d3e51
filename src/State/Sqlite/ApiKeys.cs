using System.Text.Json;
using AgentMcp.State.Json;
using Microsoft.Data.Sqlite;

namespace AgentMcp.State.Sqlite;

/// <summary>The keys that principals show. None is cached: one that was revoked is refused from the next look on, in every process. Thread-safe.</summary>
public sealed class ApiKeys(Database database, ThreadStore store)
{
    private const string Columns = "id, name, hash, roles, agents, created_at, expires_at, revoked_at";

    public ApiKey? Find(string id) => database.Read(session =>
        session.Rows($"SELECT {Columns} FROM api_keys WHERE id = $1", Read, id)).FirstOrDefault();

    /// <summary>The newest key of a name, whether or not it holds. Names are meant in any case, as those of responders are.</summary>
    public ApiKey? Named(string name) => database.Read(session =>
        session.Rows($"SELECT {Columns} FROM api_keys WHERE name = $1 COLLATE NOCASE ORDER BY revoked_at IS NULL DESC, name = $1 DESC, created_at DESC LIMIT 1", Read, name)).FirstOrDefault();

    /// <summary>Oldest first, those that no longer hold among them.</summary>
    public IReadOnlyList<ApiKey> All() => database.Read(session => session.Rows($"SELECT {Columns} FROM api_keys ORDER BY created_at, id", Read));

    /// <returns>False when a key of this name, in any case, is in force.</returns>
    public Task<bool> Add(ApiKey key, string by, string channel) => store.Commits.Run(session =>
    {
        if (session.Scalar<long>("SELECT EXISTS (SELECT 1 FROM api_keys WHERE name = $1 COLLATE NOCASE AND revoked_at IS NULL)", key.Name) == 1)
        {
            return false;
        }

        session.Execute($"INSERT INTO api_keys ({Columns}) VALUES ($1, $2, $3, $4, $5, $6, $7, NULL)",
            key.Id, key.Name, key.Hash, Json(key.Roles), key.Agents is null ? null : Json(key.Agents), key.CreatedAt.ToUnixTimeMilliseconds(), key.ExpiresAt?.ToUnixTimeMilliseconds());
        AuditTrail.Write(session, new(key.CreatedAt, "key_created", by, channel, About(key)));
        return true;
    });

    /// <returns>The key as it was; null when none of this name is in force.</returns>
    public Task<ApiKey?> Revoke(string name, DateTimeOffset now, string by, string channel) => store.Commits.Run(session =>
    {
        if (session.Rows($"SELECT {Columns} FROM api_keys WHERE name = $1 AND revoked_at IS NULL", Read, name) is not [var key])
        {
            return null;
        }

        session.Execute("UPDATE api_keys SET revoked_at = max($2, created_at) WHERE id = $1", key.Id, now.ToUnixTimeMilliseconds());
        AuditTrail.Write(session, new(now, "key_revoked", by, channel, About(key)));
        return key;
    });

    private static JsonText About(ApiKey key) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("key", key.Id);
        writer.WriteString("name", key.Name);
        writer.WritePropertyName("roles");
        writer.WriteRawValue(Json(key.Roles));
        writer.WriteEndObject();
    });

    private static ApiKey Read(Row row) => new(
        row.GetString(0), row.GetString(1), row.GetBytes(2), Names(row.GetString(3)), row.IsDBNull(4) ? null : Names(row.GetString(4)),
        Moment(row.GetInt64(5)), row.IsDBNull(6) ? null : Moment(row.GetInt64(6)), row.IsDBNull(7) ? null : Moment(row.GetInt64(7)));

    private static DateTimeOffset Moment(long milliseconds) => DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static List<string> Names(string json) => [.. JsonElement.Parse(json).EnumerateArray().Select(name => name.GetString()!)];

    private static string Json(IEnumerable<string> names) => JsonText.Write(writer =>
    {
        writer.WriteStartArray();
        foreach (var name in names)
        {
            writer.WriteStringValue(name);
        }

        writer.WriteEndArray();
    }).Text;
}

/// <param name="Id">Its public part; the hash is of the secret one.</param>
/// <param name="Agents">Those it is limited to; null for no such limit.</param>
public sealed record ApiKey(
    string Id, string Name, byte[] Hash, IReadOnlyList<string> Roles, IReadOnlyList<string>? Agents, DateTimeOffset CreatedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt)
{
    public bool HoldsAt(DateTimeOffset now) => RevokedAt is null && (ExpiresAt is null || now < ExpiresAt);
}
