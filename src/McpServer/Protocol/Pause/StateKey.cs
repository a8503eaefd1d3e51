using System.Security.Cryptography;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Protocol.Pause;

/// <summary>The key that signs what travels through clients: a file beside the database that only its owner can read.</summary>
internal static class StateKey
{
    private const int Length = 32;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

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
        // Several processes may begin at once. Whoever holds the file alone and finds it empty writes the key, also when
        // another died before it did; all others read that one.
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        using var file = Alone(path, options);
        var key = new byte[Length];
        if (file.Length == 0)
        {
            RandomNumberGenerator.Fill(key);
            file.Write(key);
            file.Flush(flushToDisk: true);
            return key;
        }

        if (file.Length != Length)
        {
            throw new IOException($"{path} is not a key. Delete it and a new one is made; forms that are open now are then asked for again.");
        }

        file.ReadExactly(key);
        return key;
    }

    private static FileStream Alone(string path, FileStreamOptions options)
    {
        var until = DateTime.UtcNow + Patience;
        while (true)
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException) when (File.Exists(path) && DateTime.UtcNow < until)
            {
                // Another process has it for the moment it takes to read or write it.
                Thread.Sleep(Glance);
            }
        }
    }
}
