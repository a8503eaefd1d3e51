using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Access;

/// <summary>
/// Keys as their holders show them: <c>amk_</c>, twelve digits by which the key is found, and 256 random bits of which
/// only the hash is stored. Thread-safe.
/// </summary>
internal sealed class KeyRing(ApiKeys keys, TimeProvider clock)
{
    public const string Prefix = "amk_";
    private const int IdLength = 12;
    private const int SecretLength = 43;
    private static readonly byte[] Nobodys = new byte[SHA256.HashSizeInBytes];

    /// <summary>A new key and its text, which is shown once and cannot be had again.</summary>
    public static (ApiKey Key, string Text) Make(string name, IReadOnlyList<string> roles, IReadOnlyList<string>? agents, DateTimeOffset now, DateTimeOffset? expires)
    {
        var (id, secret) = (RandomNumberGenerator.GetHexString(IdLength, lowercase: true), Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32)));
        return (new(id, name, Hash(secret), roles, agents, now, expires, null), $"{Prefix}{id}_{secret}");
    }

    /// <summary>Whose key this is; null when it is none, or no longer holds.</summary>
    public Principal? Find(string text)
    {
        var isWhole = text.Length == Prefix.Length + IdLength + 1 + SecretLength && text.StartsWith(Prefix, StringComparison.Ordinal) && text[Prefix.Length + IdLength] == '_';
        var key = isWhole ? keys.Find(text.Substring(Prefix.Length, IdLength)) : null;
        return CryptographicOperations.FixedTimeEquals(Hash(text[^Math.Min(SecretLength, text.Length)..]), key?.Hash ?? Nobodys) && key is not null ? Of(key) : null;
    }

    /// <summary>Whose the key of this id is, for one who has shown it before.</summary>
    public Principal? ById(string id) => keys.Find(id) is { } key ? Of(key) : null;

    /// <summary>Whether somebody who has a key bears this name, or did.</summary>
    public bool IsNamed(string name) => keys.Named(name) is not null;

    private Principal? Of(ApiKey key) => !key.HoldsAt(clock.GetUtcNow()) ? null
        : new(key.Name, key.Roles.Aggregate(Roles.None, (all, role) => all | (Principal.RoleOf(role) ?? Roles.None)), key.Agents, key.Id, key.ExpiresAt);

    private static byte[] Hash(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));
}
