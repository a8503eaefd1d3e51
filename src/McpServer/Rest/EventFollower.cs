using System.Globalization;
using System.Text;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Rest;

/// <summary>
/// Sends the events of a thread as server-sent events, whichever process appends them, until the thread ends. The id
/// of each is its version, so a reader that was cut off goes on where it was. Holds nothing but a connection. Ends for
/// whoever sees the thread no more: it may have been seen for what it asked, and been answered by somebody else.
/// </summary>
internal sealed class EventFollower(Core core)
{
    private const int MostReaders = 200;
    private const int Stretch = 200;
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private readonly EventReader _events = new(core.Database);
    private readonly TimeProvider _clock = TimeProvider.System;
    private int _readers;

    public async Task Send(ThreadId thread, Principal who, int seen, HttpContext context)
    {
        var (version, status) = _events.Head(thread) ?? throw ThreadStore.NotFound(thread);
        if (IsFinal(status) && version <= seen)
        {
            // To an EventSource this says not to come back.
            context.Response.StatusCode = StatusCodes.Status204NoContent;
            return;
        }

        using var ended = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, core.Stopping);
        try
        {
            if (Interlocked.Increment(ref _readers) > MostReaders)
            {
                throw new RefusedException(RefusalCode.Busy, $"{MostReaders} readers follow threads already. Read the events without a stream, or try again later.");
            }

            context.Response.ContentType = EventRoutes.EventStream;
            await Follow(thread, who, seen, context.Response, ended.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (ended.IsCancellationRequested)
        {
            // The reader left, or the server stops; whoever still wants to know asks again with the last id.
        }
        finally
        {
            Interlocked.Decrement(ref _readers);
        }
    }

    private async Task Follow(ThreadId thread, Principal who, int seen, HttpResponse response, CancellationToken cancellation)
    {
        using var movement = new Movement(core, thread, _clock);
        await Write(response, "retry: 1000\n\n", cancellation).ConfigureAwait(false);
        while (true)
        {
            var events = _events.After(thread, seen, Stretch);
            // Asked after they were read: whoever sees the thread now may read all of it.
            if (_events.Head(thread) is not var (version, status) || !core.Sees(who, thread))
            {
                return;
            }

            if (events.Count > 0)
            {
                seen = events[^1].Version;
                await Write(response, Text(events), cancellation).ConfigureAwait(false);
            }
            else if (IsFinal(status) && version <= seen)
            {
                await Write(response, $"event: end\ndata: {{\"status\":\"{WireName.Of(status)}\"}}\n\n", cancellation).ConfigureAwait(false);
                return;
            }
            else if (!await movement.Wait(seen, Heartbeat, cancellation).ConfigureAwait(false))
            {
                // Through it a connection that is gone is noticed.
                await Write(response, ":\n\n", cancellation).ConfigureAwait(false);
            }
        }
    }

    private static bool IsFinal(ThreadStatus status) => status is ThreadStatus.Completed or ThreadStatus.Failed or ThreadStatus.Cancelled;

    // An event is JSON on one line, whatever its text holds.
    private static string Text(IReadOnlyList<StoredEvent> events)
    {
        var text = new StringBuilder();
        foreach (var happened in events)
        {
            text.Append(CultureInfo.InvariantCulture, $"id: {happened.Version}\nevent: {happened.Type}\ndata: {happened.Data}\n\n");
        }

        return text.ToString();
    }

    private static async Task Write(HttpResponse response, string text, CancellationToken cancellation)
    {
        await response.WriteAsync(text, cancellation).ConfigureAwait(false);
        await response.Body.FlushAsync(cancellation).ConfigureAwait(false);
    }
}
