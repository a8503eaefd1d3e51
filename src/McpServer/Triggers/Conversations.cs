using AgentMcp.Agents;
using AgentMcp.Server.Channels;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Server.Triggers;

/// <summary>
/// What is said in a conversation that a thread belongs to. It answers what that thread asks where it cannot be
/// misunderstood, and goes on with a thread that is done. A yes to an action is never read out of words.
/// </summary>
internal sealed class Conversations(AgentHost host, ThreadStore store, Places places, HumanChannels channels)
{
    /// <summary>False when no thread goes on in this conversation, so that it begins one.</summary>
    /// <exception cref="RefusedException">It was not taken, and whoever said it was told why.</exception>
    /// <exception cref="PostponedException">The thread works; it is said once that has stopped.</exception>
    public async Task<bool> Continue(TriggerSettings trigger, string through, Arrival arrival, Incoming.Message message)
    {
        if (message.Words is not { } words || Find(trigger, message) is not { } found)
        {
            return false;
        }

        try
        {
            // A word to what a thread calls is one to the thread: what it called may have ended since.
            var spokenTo = store.Read(found);
            var chain = host.Chain(spokenTo.Thread.Start.Root is { } above ? store.Read(above) : spokenTo);
            var root = chain[0].Thread;
            var owner = root.Start.Principal;
            // A mail may answer what a channel asked of a thread that began elsewhere; such a thread does not move here.
            var place = places.IsFrom(root, trigger.Name) ? new Place(trigger.Name, message.Conversation, message.Channel, message.Place ?? JsonText.Null) : null;
            return root.State switch
            {
                Failed or Cancelled => Begins(message),
                // A workflow ends for good.
                Completed when place is null || root.Start.Workflow is not null => Begins(message),
                // Its id is no permission: where there are principals, whoever speaks to a thread of theirs must be vouched for.
                _ when owner != Principals.Local && !message.IsVouched =>
                    throw new RefusedException(RefusalCode.HumanRequired, $"{root.Id} belongs to {owner}, and nothing vouches for who said this."),
                _ when string.IsNullOrWhiteSpace(words) =>
                    throw new RefusedException(RefusalCode.WrongAnswer, "There are no words of yours in that, or they stand at several places. Write above what is quoted, and nothing below it; attachments are not read."),
                Completed => await GoOn(root, JsonText.Of(words), place).ConfigureAwait(false),
                _ when Meant(chain, message) is var (asking, open) =>
                    await Answer(asking, open, ResponseTo(open.Asked, words, arrival.At, message.About is null || message.About == open.Id.In(asking)), place, owner).ConfigureAwait(false),
                _ => throw new PostponedException($"{chain[^1].Thread.Id} is at work", until: root.Id),
            };
        }
        catch (RefusedException e)
        {
            await Say(arrival, message, Excuse(e, message)).ConfigureAwait(false);
            throw;
        }

        async Task<bool> Answer(ThreadId thread, OpenRequest open, JsonText response, Place? place, string owner)
        {
            await host.Answer(thread, By(message, through, open.Asked), open.Id, null, response, null, owner: owner, cause: new Arrived(arrival, place)).ConfigureAwait(false);
            return true;
        }

        async Task<bool> GoOn(AgentThread thread, JsonText said, Place? place)
        {
            try
            {
                await host.Speak(thread.Id, By(message, through, null), said, thread.Start.Principal, new Arrived(arrival, place), seen: thread.Version).ConfigureAwait(false);
                return true;
            }
            catch (RefusedException e) when (e.Code == RefusalCode.NothingPending)
            {
                // Somebody else was faster. What it asks by now is not what this answers, unless it was said after.
                throw new PostponedException($"{thread.Id} went on in this moment", until: thread.Id);
            }
        }
    }

    /// <summary>The thread a message belongs to: by the names of its conversation or, where a reader left those out, by the request whose mail it replies to.</summary>
    public ThreadId? Find(TriggerSettings trigger, Incoming.Message message) =>
        (message.Earlier ?? []).Prepend(message.Conversation).OfType<string>().Select(name => places.Find(trigger.Name, name)).FirstOrDefault(found => found is not null)
            ?? (RequestId.TryParse(message.About, out var thread, out var request) && trigger.Channels.Any(channel => channels.Outbox.WasTold(thread, request, channel.Name)) ? thread : null);

    private bool Begins(Incoming.Message message)
    {
        AgentInput.Check(host.Catalog, message.Agent, message.Input);
        return false;
    }

    // A workflow, and what it calls, may ask several things at once. A step is for its model, and what goes on elsewhere
    // asks nobody; a wait beside a question is not what is spoken of.
    private static (ThreadId Asking, OpenRequest Open)? Meant(IReadOnlyList<ThreadLog> chain, Incoming.Message message)
    {
        var all = chain.SelectMany(log => log.Thread.OpenRequests.Select(open => (Asking: log.Thread.Id, Open: open)))
            .Where(one => one.Open.Asked.Kind is not (RequestKind.NextStep or RequestKind.Child)).ToLookup(one => one.Open.Asked.Kind == RequestKind.Sleep);
        return (all.Contains(false) ? all[false] : all[true]).ToList() switch
        {
            [] => null,
            [var only] => only,
            var several when several.FirstOrDefault(one => one.Open.Id.In(one.Asking) == message.About) is { Open: not null } named => named,
            var several => throw new RefusedException(RefusalCode.WrongAnswer,
                $"{(message.About is null ? "" : "What you reply to is settled. ")}Several things are waited for now: {string.Join(" and ", several.Select(one => $"“{one.Open.Asked.Question}”"))} "
                + "Say which one is meant: reply to its mail, or use the buttons or the link of its message, or the inbox."),
        };
    }

    // Named as the request names its responders: by id or by name.
    private static Responder By(Incoming.Message message, string through, RequestOpened? asked) =>
        new(message.Id is { } id && asked?.Responders?.Contains(id, StringComparer.OrdinalIgnoreCase) == true ? id : message.From, through, message.IsVouched);

    private static JsonText ResponseTo(RequestOpened asked, string words, DateTimeOffset said, bool isAboutIt)
    {
        var options = asked.Options ?? (asked.Kind == RequestKind.InDoubt ? InDoubtAnswer.Options : []);
        var option = options.FirstOrDefault(one => Same(one.Name) || Same(one.Title))?.Name;
        return (asked.Kind, option) switch
        {
            _ when !isAboutIt => throw new RefusedException(RefusalCode.WrongAnswer, $"What you reply to is settled. This is waited for now: “{asked.Question}”"),
            _ when said < asked.At => throw new RefusedException(RefusalCode.WrongAnswer, $"That was said before it was asked: “{asked.Question}” If it is the answer, please say it again."),
            (RequestKind.Question or RequestKind.InDoubt, { } chosen) => JsonText.Of(chosen),
            (RequestKind.Question or RequestKind.Sleep, null) => JsonText.Of(words.Trim()),
            _ => throw new RefusedException(RefusalCode.WrongAnswer, $"This is waited for: “{asked.Question}” Words are not taken for a decision. Use the buttons or the link of the message that asked, or the inbox."),
        };

        bool Same(string? name) => string.Equals(words.Trim().TrimEnd('.', '!'), name, StringComparison.OrdinalIgnoreCase);
    }

    private static string Excuse(RefusedException e, Incoming.Message message) => e.Code switch
    {
        RefusalCode.HumanRequired when message.IsVouched => "You are not among those who may answer this. Your attempt was recorded.",
        RefusalCode.HumanRequired => "A mail is not enough to answer this, since its sender can be forged: use the link of the mail that asked.",
        RefusalCode.InvalidResponse => "That is not one of the answers there are, or not in the form that is asked for. Use the buttons or the link of the message that asked, or the inbox.",
        RefusalCode.WrongAnswer => e.Message,
        RefusalCode.InvalidInput or RefusalCode.AgentNotFound or RefusalCode.ThreadNotFound => "What this conversation was about has ended, and words alone begin nothing new here.",
        _ => "This was settled meanwhile; the first answer stands.",
    };

    private async Task Say(Arrival arrival, Incoming.Message message, string words)
    {
        try
        {
            await channels.Say(message.Channel, message.Place ?? JsonText.Null, words).ConfigureAwait(false);
        }
        catch (DeliveryException e)
        {
            // Given up after about a day; what is kept then is why it did not count.
            if (arrival.Attempt < Backoff.Attempts)
            {
                throw new PostponedException($"whoever said it could not be told that it did not count: {e.Message}");
            }
        }
    }
}
