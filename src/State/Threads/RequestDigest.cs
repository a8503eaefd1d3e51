using AgentMcp.State.Json;

namespace AgentMcp.State.Threads;

/// <summary>
/// Tells what was asked under the id of a request. After going back to a backup the same id can be that of another
/// request, and whoever was told of the first must not answer the second.
/// </summary>
public static class RequestDigest
{
    private const int MarkLength = 16;

    /// <summary>That of its action; where it has none, one over what it asks and when.</summary>
    // Of few members: the words of an event may be stored otherwise by a later version, and what was sent stays good.
    public static string Of(RequestOpened asked) => asked.Action?.Digest ?? ActionDigest.Of(WireName.Of(asked.Kind), JsonText.Of($"{asked.At.UtcTicks} {asked.Question}"));

    /// <summary>The beginning of the digest, for where there is little room.</summary>
    public static string Mark(RequestOpened asked) => Of(asked).Split(':')[^1][..MarkLength];

    /// <summary>Checks the digest or mark that came back with an answer.</summary>
    /// <param name="given">Null where it is not known what was told.</param>
    /// <exception cref="RefusedException">It is of another request.</exception>
    public static void Check(RequestOpened asked, string? given)
    {
        if (given is not null && given != Of(asked) && given != Mark(asked))
        {
            throw new RefusedException(RefusalCode.WrongAnswer,
                "This answers another request: since it was sent, the server went back to a backup, and something else is asked under its id now. Nothing was answered.");
        }
    }
}
