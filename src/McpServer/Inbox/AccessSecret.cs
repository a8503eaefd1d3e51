using System.Security.Cryptography;
using System.Text;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Inbox;

/// <summary>
/// A random secret in a file that only its owner may read, made when first needed, and beside it the links that were
/// used. Deleting the file signs everybody out, also of a server that runs. Safe between processes: what two of them
/// make at once, one makes.
/// </summary>
internal sealed class AccessSecret(string path)
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const int Digits = 64;
    private volatile Known? _known;

    private string UsedFolder => path + "-used";

    /// <exception cref="RefusedException">The file cannot be read or made, may be read by others, or holds no secret.</exception>
    public string Sign(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(Key(), Encoding.UTF8.GetBytes(text)));

    /// <summary>Whether this is the secret itself, as whoever may read the file can show it.</summary>
    /// <inheritdoc cref="Sign"/>
    public bool Is(string given) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), Key());

    public bool IsUsed(string nonce) => File.Exists(Path.Combine(UsedFolder, nonce));

    /// <summary>False when it was used before. It is remembered for as long as it would be valid.</summary>
    public bool Use(string nonce, DateTimeOffset until)
    {
        Directory.CreateDirectory(UsedFolder);
        // A mark that another process makes just now bears the present time for a moment.
        var longPast = DateTime.UtcNow.AddHours(-1);
        foreach (var old in Directory.EnumerateFiles(UsedFolder).Where(file => File.GetLastWriteTimeUtc(file) < longPast))
        {
            File.Delete(old);
        }

        try
        {
            var mark = Path.Combine(UsedFolder, nonce);
            new FileStream(mark, FileMode.CreateNew).Dispose();
            File.SetLastWriteTimeUtc(mark, until.UtcDateTime);
            return true;
        }
        catch (IOException) when (IsUsed(nonce))
        {
            return false;
        }
    }

    // The one that was read stands for as long as the file is the same one; what failed is tried anew.
    private byte[] Key()
    {
        try
        {
            var known = _known;
            if (known is null || known.Written != File.GetLastWriteTimeUtc(path))
            {
                _known = known = ReadOrMake();
            }

            return known.Key;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new RefusedException(RefusalCode.Unavailable, $"The secret of the inbox cannot be used. {e.Message}");
        }
    }

    private Known ReadOrMake()
    {
        using var file = SecretFile.Open(path);
        if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(file.SafeFileHandle) != Owner)
        {
            throw new UnauthorizedAccessException(
                $"{path} may be read by others than its owner. Delete it, and a new one is made (everybody signs in again), or set its permissions to 600.");
        }

        if (file.Length == 0)
        {
            SecretFile.Fill(file, Encoding.ASCII.GetBytes(RandomNumberGenerator.GetHexString(Digits, lowercase: true) + "\n"));
            file.Position = 0;
        }

        using var reader = new StreamReader(file, leaveOpen: true);
        var text = reader.ReadToEnd().Trim();
        return text.Length == Digits && text.All(char.IsAsciiHexDigit) ? new(Encoding.ASCII.GetBytes(text), File.GetLastWriteTimeUtc(file.SafeFileHandle))
            : throw new IOException($"{path} holds no secret. Delete it, and a new one is made (everybody signs in again).");
    }

    private sealed record Known(byte[] Key, DateTime Written);
}
