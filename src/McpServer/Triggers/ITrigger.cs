using AgentMcp.State.Json;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Triggers;

/// <summary>A way in from outside: it says whether a message is genuine and what it amounts to. It changes nothing.</summary>
internal interface ITrigger
{
    string Name { get; }

    string Type { get; }

    /// <summary>Looks at what was posted. Whatever is not signed as it must be is refused before it is looked at any further.</summary>
    Receipt Read(Post post);
}

/// <param name="Body">The bytes that were signed.</param>
internal sealed record Post(IHeaderDictionary Headers, byte[] Body, DateTimeOffset At)
{
    public string Header(string name) => Headers[name].ToString();
}

/// <summary>What is made of a message, before anything is stored.</summary>
internal abstract record Receipt
{
    private Receipt()
    {
    }

    /// <summary>Nothing was stored, and the sender learns why.</summary>
    public sealed record Refused(int Status, string Code, string Message) : Receipt;

    /// <summary>Well and good, and nothing to do.</summary>
    public sealed record Ignored(string Why) : Receipt;

    /// <summary>The sender wants to see that somebody is there.</summary>
    public sealed record Echo(string Text) : Receipt;

    /// <param name="Id">The same for every repetition of the message.</param>
    public sealed record Taken(string Id, Incoming What) : Receipt;
}
