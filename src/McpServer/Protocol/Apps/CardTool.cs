using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol.Pause;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol.Apps;

/// <summary>
/// The two tools of the card, which hosts keep from their model. They show no other form: the person is looking at
/// this one.
/// </summary>
internal sealed class CardTool(Tool tool, Core core, WaitingCalls waiting, PausedCalls calls, CardTokens tokens, CardTool.Body body) : ThreadTool(tool, core, calls, Channel)
{
    public const string AnswerName = "answer_request";
    public const string FollowName = "follow_thread";
    private const string Channel = "app";
    private readonly AnswerableBy _approvals = core.Settings.Approvals;

    public delegate Task<(ThreadId Thread, string Owner)?> Body(CardTool self, Guest caller, ThreadId thread, Arguments arguments);

    public static IEnumerable<CardTool> All(Core core, WaitingCalls waiting, PausedCalls calls, CardTokens tokens)
    {
        yield return Make(AnswerName, "The card's own: what a person said to a request in it. The token is in the card's data and nowhere else.",
            """
            {"thread_id":{"type":"string"},"request_id":{"type":"string"},"token":{"type":"string"},
             "approved":{"type":"boolean"},"approved_with_changes":{"type":"object"},"response":{},"comment":{"type":"string"},
             "wait_seconds":{"type":"number","minimum":0}}
            """, ["thread_id", "request_id", "token"], new() { ReadOnlyHint = false, DestructiveHint = true, IdempotentHint = true, OpenWorldHint = true },
            (self, caller, shown, arguments) => self.Answer(caller, shown, arguments));
        yield return Make(FollowName, "The card's own: how the thread in it goes on.",
            """
            {"thread_id":{"type":"string"},"request_id":{"type":"string","description":"The request the card shows."},"token":{"type":"string"},
             "wait_seconds":{"type":"number","minimum":0}}
            """, ["thread_id", "token"], FixedThreadTool.Reads.ToAnnotations(),
            (self, caller, thread, arguments) => self.Follow(caller, thread, arguments));

        CardTool Make(string name, string description, string properties, string[] required, ToolAnnotations annotations, Body body) => new(new()
        {
            Name = name,
            Title = name,
            Description = description,
            InputSchema = FixedThreadTool.ObjectSchema(properties, required),
            OutputSchema = ThreadResult.Schema.Element(),
            Annotations = annotations,
            Meta = AppsExtension.ToolMeta(CardPage.Uri, "app"),
        }, core, waiting, calls, tokens, body);
    }

    protected override async Task<CallToolResult> Begin(RequestContext<CallToolRequestParams> request, Arguments arguments, CancellationToken cancellation)
    {
        var (thread, caller) = (arguments.Thread(), CallerOf(request));
        var answered = await body(this, caller, thread, arguments).ConfigureAwait(false);
        var whose = answered?.Owner ?? Access.OwnerOf(thread, caller.Principal);
        return Show(await waiting.For(thread, whose, caller.Principal, arguments.Number(Reserved.Wait), request, cancellation, answered?.Thread).ConfigureAwait(false));
    }

    private async Task<(ThreadId Thread, string Owner)?> Answer(Guest caller, ThreadId named, Arguments arguments)
    {
        if (!RequestId.TryParse(arguments.Text("request_id"), out var thread, out var request))
        {
            throw new RefusedException(RefusalCode.RequestNotFound, $"'{arguments.Text("request_id")}' is not a request.");
        }

        var (approved, changes) = (arguments.Flag("approved"), arguments.Value("approved_with_changes"));
        var shown = tokens.Check(arguments.Text("token")!, thread, request, caller.Principal.Id);
        if (shown == CardToken.Expired)
        {
            throw new RefusedException(RefusalCode.HumanRequired, $"This card is too old to answer in; nothing was lost. On this machine: agentmcp answer {thread}.");
        }

        // Without the card's token nothing vouches for a person. Where only one may answer, the attempt goes into the log.
        if (shown == CardToken.Foreign && !NeedsPerson(thread, request, caller.Principal))
        {
            throw new RefusedException(RefusalCode.HumanRequired, "Only the card that shows a request can answer it with this tool. Ask the user, then call resume_thread.");
        }

        var (_, _, owner) = Access.ToAnswer(thread, (thread, request), caller.Principal);
        // Before anything is answered: the card shows the thread that asks, or one above it, and is told how that goes on.
        if (thread != named && !Host.IsBelow(thread, named, owner))
        {
            throw new RefusedException(RefusalCode.RequestNotFound, $"'{request.In(thread)}' is not a request of {named}.");
        }

        await Host.Answer(thread, shown == CardToken.Genuine ? caller.At(Channel) : caller.Responder, request, approved ?? (changes is null ? null : true),
            arguments.Value("response"), arguments.Text("comment"), changes, owner).ConfigureAwait(false);
        return (thread, owner);
    }

    private Task<(ThreadId Thread, string Owner)?> Follow(Guest caller, ThreadId thread, Arguments arguments) =>
        tokens.Check(arguments.Text("token")!, thread, null, caller.Principal.Id) switch
        {
            CardToken.Genuine => Task.FromResult<(ThreadId, string)?>(null),
            CardToken.Expired => throw new RefusedException(RefusalCode.HumanRequired, "This card is too old to follow the thread; get_thread shows where it stands."),
            _ => throw new RefusedException(RefusalCode.HumanRequired, $"Only the card that shows {thread} can follow it with this tool. Call wait_thread."),
        };

    private bool NeedsPerson(ThreadId thread, RequestId request, Principal who) =>
        Access.Get(thread, who).Thread.OpenRequests.Any(open => open.Id == request && AnswerRules.WhoFor(open.Asked, _approvals) == AnswerableBy.Human);
}
