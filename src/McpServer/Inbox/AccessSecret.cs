using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace AgentMcp.Server.Inbox;

/// <summary>
/// A random secret in a file that only its owner may read, made when first needed, and beside it the links that were
/// used. Deleting the file signs everybody out. Safe between processes: what two of them make at once, one makes.
/// </summary>
internal sealed class AccessSecret(string path)
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private readonly Lazy<byte[]> _key = new(() => Key(path));

    private string UsedFolder => path + "-used";

    public string Sign(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(_key.Value, Encoding.UTF8.GetBytes(text)));

    /// <summary>Whether this is the secret itself, as whoever may read the file can show it.</summary>
    public bool Is(string given) => CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), _key.Value);

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

    private static byte[] Key(string path)
    {
        if (!File.Exists(path))
        {
            Create(path);
        }
        else if (!OperatingSystem.IsWindows() && File.GetUnixFileMode(path) != Owner)
        {
            throw new UnauthorizedAccessException(
                $"{path} is the secret of the inbox and may be read by others than its owner. Delete it, and a new one is made (everybody signs in again), or set its permissions to 600.");
        }

        return Encoding.UTF8.GetBytes(File.ReadAllText(path).Trim());
    }

    // Written elsewhere and then moved, so that nobody ever reads half of it; whoever comes second leaves the first one's.
    private static void Create(string path)
    {
        var own = string.Create(CultureInfo.InvariantCulture, $"{path}.{Environment.ProcessId}-{RandomNumberGenerator.GetHexString(8, lowercase: true)}");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = Owner;
        }

        using (var file = new StreamWriter(own, options))
        {
            file.WriteLine(RandomNumberGenerator.GetHexString(64, lowercase: true));
        }

        try
        {
            File.Move(own, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            File.Delete(own);
        }
    }
}
