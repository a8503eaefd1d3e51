using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Triggers;

/// <summary>A way in from outside: it says whether a message is genuine and what it amounts to. It changes nothing.</summary>
internal interface ITrigger
{
    string Name { get; }

    string Type { get; }

    /// <summary>Looks at what was posted. Whatever is not signed as it must be is refused before it is looked at any further.</summary>
    Receipt Read(Post post);

    /// <summary>The message with the names of whoever and whatever it has only ids of, where they can be had.</summary>
    Task<Incoming.Message> Introduce(Incoming.Message message) => Task.FromResult(message);
}

/// <param name="Body">The bytes that were signed.</param>
/// <param name="Knows">Whether a thread belongs to a conversation, or soon will.</param>
internal sealed record Post(IHeaderDictionary Headers, byte[] Body, DateTimeOffset At, Func<string, bool> Knows)
{
    public string Header(string name) => Headers[name].ToString();
}

/// <summary>What is made of a message, before anything is stored.</summary>
internal abstract record Receipt
{
    public static readonly Receipt BadSignature = new Refused(StatusCodes.Status400BadRequest, "invalid_signature",
        "The signature does not fit. It must be made as Standard Webhooks says, with a secret of this trigger, at most five minutes ago.");

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
