using AgentMcp.Agents;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Channels;

/// <summary>What a person said through a channel that vouches for them.</summary>
/// <param name="Digest">Of what they were asked, or its mark; null where their message had none.</param>
internal sealed record ChannelAnswer(
    string Request, bool? Approved = null, JsonText? Response = null, string? Comment = null, JsonText? Arguments = null, string? Digest = null);

/// <summary>Takes answers that came in through a channel. Only what a channel was told of can be answered through it.</summary>
internal sealed class ChannelAnswers(AgentHost host, ThreadStore store, Outbox outbox)
{
    /// <summary>The request with its thread, as this channel may see it; null when it was never told of it.</summary>
    public (ThreadLog Log, RequestId Id, RequestOpened Asked)? Find(string channel, string request) =>
        RequestId.TryParse(request, out var thread, out var id) && outbox.WasTold(thread, id, channel)
            && store.Read(thread) is var log && log.Events[id.Version - 1] is RequestOpened asked ? (log, id, asked) : null;

    /// <param name="through">The kind of channel and its name, as the log records it.</param>
    /// <exception cref="RefusedException">The answer does not count; the message says why.</exception>
    public async Task Give(string channel, string through, string by, ChannelAnswer answer)
    {
        if (Find(channel, answer.Request) is not var (log, id, asked))
        {
            throw new RefusedException(RefusalCode.RequestNotFound, $"There is no request '{answer.Request}' that was sent through this channel.");
        }

        RequestDigest.Check(asked, answer.Digest);
        await host.Answer(log.Thread.Id, new Responder(by, through, IsHuman: true), id,
            answer.Approved, answer.Response, answer.Comment, answer.Arguments, owner: log.Thread.Start.Principal).ConfigureAwait(false);
    }
}
