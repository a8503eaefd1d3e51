namespace AgentMcp.Server.Hosting;

/// <summary>
/// A file with a secret that only its owner may read, held by one process at a time. Several may begin at once: whoever
/// holds it and finds it empty writes the secret, also when another died before it did; all others read that one.
/// </summary>
internal static class SecretFile
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(5);

    /// <summary>Opens it, and makes it when there is none.</summary>
    public static FileStream Open(string path)
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

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

    /// <summary>Writes it down so that it is there after a loss of power as well.</summary>
    public static void Fill(FileStream file, ReadOnlySpan<byte> secret)
    {
        file.Write(secret);
        file.Flush(flushToDisk: true);
    }
}
