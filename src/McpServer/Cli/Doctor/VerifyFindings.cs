using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Cli.Doctor;

/// <summary>Whether everything in the database fits together: all that does not, with its thread and what to do.</summary>
internal static class VerifyFindings
{
    private const string Name = "verify";

    public static IReadOnlyList<Finding> Of(string path, bool rebuild)
    {
        try
        {
            using var database = Database.OpenAsItIs(path);
            if (database.SchemaVersion() is var version && version < Database.LatestVersion)
            {
                return [Finding.Broken(Name, $"It has schema {version}, and only schema {Database.LatestVersion} can be verified. Any command that uses it migrates it first, such as agentmcp threads.")];
            }

            return [.. rebuild ? Rebuilt(database) : [], .. Verified(new Verification(database).Run())];
        }
        catch (DatabaseException e)
        {
            return [Finding.Broken(Name, e.Message)];
        }
    }

    private static IEnumerable<Finding> Rebuilt(Database database)
    {
        var changed = new ThreadIndex(database).Rebuild();
        yield return Finding.Ok("rebuild", changed == 0 ? "the list of threads was right" : $"{changed} rows of the list of threads were made anew from their logs");
    }

    private static IEnumerable<Finding> Verified(Verified verified) => verified.Flaws.Count == 0
        ? [Finding.Ok(Name, $"{verified.Threads} threads, {verified.Events} events: every log folds and everything else follows from the logs")]
        : verified.Flaws.Select(flaw => Finding.Broken(Name, $"{(flaw.ThreadId is null ? "" : flaw.ThreadId + ": ")}{Screen.Clean(flaw.What)} {flaw.ToDo}"));
}
