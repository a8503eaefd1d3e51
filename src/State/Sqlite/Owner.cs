namespace AgentMcp.State.Sqlite;

/// <summary>
/// This process as a holder of leases. It holds a lock file open for as long as it lives, and the system lets go of
/// the lock however the process ends; so its threads can be taken over at once. A process that hangs still loses
/// them when its row in <c>owners</c> expires.
/// </summary>
public sealed class Owner : IDisposable
{
    public static readonly TimeSpan Lifetime = TimeSpan.FromSeconds(30);

    private readonly string _folder;
    private readonly FileStream _lock;

    public Owner(Database database)
    {
        _folder = database.OwnersFolder;
        Id = "own_" + Guid.CreateVersion7().ToString("N");
        try
        {
            Directory.CreateDirectory(_folder);
            _lock = new FileStream(PathOf(Id), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1, FileOptions.DeleteOnClose);
            ClearAway();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw DatabaseException.From(_folder, e);
        }
    }

    public string Id { get; }

    /// <summary>Whether leases of this owner still hold: it has not expired and, as far as can be told, still lives.</summary>
    internal bool IsAlive(Session session, string owner, long now) =>
        owner == Id
        || (session.Scalar<long>("SELECT expires_at FROM owners WHERE owner = $1", owner) > now && Holds(owner));

    /// <summary>Whether the process of this owner lives, or is this one. One that hangs does.</summary>
    public bool IsThere(string owner) => owner == Id || Holds(owner);

    public void Dispose() => _lock.Dispose();

    /// <summary>How many processes of this machine have a database open, or had the one that was there.</summary>
    internal static int CountAlive(string database) => Database.OwnersFolderOf(database) is var folder && Directory.Exists(folder)
        ? Directory.EnumerateFiles(folder, "own_*.lock").Count(IsHeld) : 0;

    private bool Holds(string owner) => IsHeld(PathOf(owner));

    // Whoever was killed while it held no lease is never asked about, and its file would stay for ever. A young file may be
    // one that is not locked yet.
    private void ClearAway()
    {
        var recently = DateTime.UtcNow - TimeSpan.FromMinutes(1);
        foreach (var file in new DirectoryInfo(_folder).EnumerateFiles("own_*.lock").Where(file => file.LastWriteTimeUtc < recently))
        {
            _ = IsHeld(file.FullName);
        }
    }

    private static bool IsHeld(string path)
    {
        try
        {
            // Shared, so that two processes looking at once do not take each other for the owner; a free file is of no more use.
            using var free = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, 1, FileOptions.DeleteOnClose);
            return false;
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return true;
        }
    }

    private string PathOf(string owner) => Path.Combine(_folder, owner + ".lock");
}
