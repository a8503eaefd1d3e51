using AgentMcp.State.Json;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Channels;

/// <summary>A way to reach people. It says what happened in its own form; what is asked is decided elsewhere.</summary>
internal interface IHumanChannel
{
    /// <summary>What agents and settings call it, in lower case. Where it leads is known here alone.</summary>
    string Name { get; }

    /// <summary>After how many failures a message is given up.</summary>
    int Attempts { get; }

    /// <summary>Where it is to say what went wrong for some of those it tells and not for all.</summary>
    void LogTo(ILogger log)
    {
    }

    /// <summary>Tells people that something is asked, or reminds them; or tells whoever a thread came from how it ended.</summary>
    /// <returns>What the channel calls the message, for those that follow; no address and no secret.</returns>
    /// <exception cref="DeliveryException">It was not told, or nobody knows whether it was.</exception>
    Task<JsonText?> Send(Notice notice, CancellationToken cancellation);

    /// <summary>Tells those who were told that the request is closed.</summary>
    /// <exception cref="DeliveryException">They were not told.</exception>
    Task Update(Notice notice, CancellationToken cancellation);

    /// <summary>Says something to whoever just spoke in a conversation, such as why their words did not count.</summary>
    /// <param name="place">Where, as the trigger of the conversation noted it.</param>
    /// <exception cref="DeliveryException">It was not said.</exception>
    Task Say(JsonText place, string words, CancellationToken cancellation);
}

/// <summary>A message could not be delivered. The words go into the thread's log, so they hold no address and no secret.</summary>
internal sealed class DeliveryException(string message, TimeSpan? retryAfter = null, Exception? cause = null) : Exception(message, cause)
{
    public TimeSpan? RetryAfter { get; } = retryAfter;

    /// <summary>The channel's own word for it, where it has one.</summary>
    public string? Code { get; init; }
}
