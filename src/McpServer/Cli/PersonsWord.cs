using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Spectre.Console;

namespace AgentMcp.Server.Cli;

/// <summary>
/// What a person at a terminal says to what was shown there. While they think, somebody else may settle it and the thread
/// may ask another thing: what they say is for the one they saw, and else for nothing.
/// </summary>
/// <param name="Thread">The thread that asked, or the completed one.</param>
/// <param name="Request">Null for a word to a completed thread.</param>
/// <param name="Seen">Its version when it was shown.</param>
internal sealed record PersonsWord(ThreadId Thread, RequestId? Request, int Seen, PersonsAnswer Answer)
{
    /// <summary>Null when the person leaves it open.</summary>
    /// <param name="named">The request to show; null for the one that is open.</param>
    public static async Task<PersonsWord?> Ask(Core core, Screen screen, IAnsiConsole? person, ThreadId id, string? named, CancellationToken cancellation)
    {
        var waiting = new WaitingFor(core.Host.Chain(core.Access.Get(id, Principal.Local)));
        var asking = named is null ? waiting.First : waiting.All.FirstOrDefault(asking => asking.Id == named);
        var alone = asking is null ? waiting : WaitingFor.Alone(asking.Log);
        if (person is null)
        {
            throw new UsageException($"Say what to answer: --approve, --reject \"reason\" or --response \"...\". {NextMove.Sentence(alone)}");
        }

        if (named is null && waiting.Answerable.Count > 1)
        {
            throw Awaited.Ambiguous([.. waiting.Answerable.Select(open => (open.Log.Thread.Id, open.Open))]);
        }

        screen.Line(NextMove.Sentence(alone), Tone.Wait);
        if (asking is not { Log.Thread: var thread, Open: var open })
        {
            return named is null && waiting.Thread.State is ThreadState.Completed
                ? Of(waiting.Thread, null, await PersonsAnswer.Words(person, "Your message", cancellation).ConfigureAwait(false))
                : throw new RefusedException(RefusalCode.NothingPending, named is null ? "Nothing was asked." : $"{named} is not open.");
        }

        ThreadView.Request(screen, open.Asked.Context, options: null);
        return Of(thread, open.Id, await PersonsAnswer.To(open.Asked, person, cancellation).ConfigureAwait(false));
    }

    /// <exception cref="RefusedException">It was settled otherwise meanwhile; nothing was stored.</exception>
    public Task Say(Core core)
    {
        var owner = core.Access.OwnerOf(Thread, Principal.Local);
        return Request is { } request
            ? core.Host.Answer(Thread, Terminal.Person, request, Answer.Approved, Answer.Response, Answer.Comment, Answer.Arguments, owner)
            : core.Host.Speak(Thread, Terminal.Person, Answer.Response ?? JsonText.Null, owner, seen: Seen);
    }

    private static PersonsWord? Of(AgentThread thread, RequestId? request, PersonsAnswer? answer) =>
        answer is null ? null : new(thread.Id, request, thread.Version, answer);
}
