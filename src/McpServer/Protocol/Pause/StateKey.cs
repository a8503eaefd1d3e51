using System.Security.Cryptography;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Protocol.Pause;

/// <summary>The key that signs what travels through clients: a file beside the database that only its owner can read.</summary>
internal static class StateKey
{
    private const int Length = 32;

    public static string FileOf(string database) => database + ".key";

    /// <summary>Makes it when there is none.</summary>
    /// <exception cref="RefusedException">It cannot be read or written, or is not a key.</exception>
    public static byte[] Beside(string database)
    {
        try
        {
            return ReadOrMake(FileOf(database));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException(RefusalCode.Unavailable, $"The key that signs forms cannot be used. {e.Message}");
        }
    }

    private static byte[] ReadOrMake(string path)
    {
        using var file = SecretFile.Open(path);
        var key = new byte[Length];
        if (file.Length == 0)
        {
            RandomNumberGenerator.Fill(key);
            SecretFile.Fill(file, key);
            return key;
        }

        if (file.Length != Length)
        {
            throw new IOException($"{path} is not a key. Delete it and a new one is made; forms that are open now are then asked for again.");
        }

        file.ReadExactly(key);
        return key;
    }
}
