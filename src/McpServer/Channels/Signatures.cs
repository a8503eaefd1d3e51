using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AgentMcp.Server.Channels;

/// <summary>What the signatures of all senders share: they cover the time they were made at, and do not hold for long.</summary>
internal static class Signatures
{
    /// <summary>How far a sender's clock may be off, and for how long a recorded message could be sent again.</summary>
    private static readonly TimeSpan Tolerance = TimeSpan.FromMinutes(5);

    public static byte[] Of(byte[] secret, string before, byte[] body) => HMACSHA256.HashData(secret, (byte[])[.. Encoding.UTF8.GetBytes(before), .. body]);

    /// <summary>Compares in a time that tells nothing about where they differ.</summary>
    public static bool Same(string one, string other) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(one), Encoding.UTF8.GetBytes(other));

    /// <param name="seconds">Seconds since 1970, as the sender wrote them.</param>
    public static bool IsFresh(string seconds, DateTimeOffset now) =>
        long.TryParse(seconds, NumberStyles.None, CultureInfo.InvariantCulture, out var at) && Math.Abs(now.ToUnixTimeSeconds() - at) <= Tolerance.TotalSeconds;
}
