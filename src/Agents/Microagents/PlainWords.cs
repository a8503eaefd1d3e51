namespace AgentMcp.Agents.Microagents;

/// <summary>What rules look for their few words in.</summary>
internal static class PlainWords
{
    // The time a pattern takes grows with the square of what it is put to. Nobody says in so many words what rules understand.
    private const int Most = 4_000;

    /// <summary>The text, or nothing where it is longer than a request in plain words: that is asked about, not half understood.</summary>
    public static string Of(string text) => text.Length <= Most ? text : "";
}
