using System.Text.Json;
using AgentMcp.Agents;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol.Pause;

/// <summary>
/// Waits for a thread on behalf of a call and, where the thread waits for a person and the client can show a form,
/// shows it and goes on with what the person said. No form is ever an obligation: declined, cancelled, timed out or
/// malformed it leaves the request as it is, and the call ends in the plain result. The same holds where the thread
/// waits for its next step and the client offers its model, but no longer than the call waits.
/// </summary>
internal sealed class PausedCalls(Core core, WaitingCalls waiting, Cancellations cancellations)
{
    // Clients give up a call that asks more often; in a session the server alone is to blame for a dialogue without end.
    private const int MostRetries = 10;
    private const int MostForms = 100;

    private readonly SessionRequests _session = new(core);
    private readonly ClientModel _model = new(core);
    private readonly CallStates _states = new(() => StateKey.Beside(core.Settings.Database), core.Settings.FormLifetime, TimeProvider.System);

    public Cancellations Cancellations => cancellations;

    /// <summary>What a call made again carries of its first time; null when this is the first.</summary>
    /// <exception cref="ModelContextProtocol.McpProtocolException">It is not from this server, this principal or this call, or expired.</exception>
    public CallState? StateOf(RequestContext<CallToolRequestParams> request, string principal) =>
        request.Params.RequestState is { } text ? _states.Read(text, principal, CallOf(request)) : null;

    /// <param name="state">Of a call made again.</param>
    /// <param name="known">The thread as the call left it: at rest, there is nothing to wait for.</param>
    /// <param name="answered">The thread that the call has answered, and whose it is. By its answer the thread above may have gone out of sight.</param>
    /// <exception cref="InputRequiredException">The client has to ask a person and make the call again.</exception>
    public async Task<(ThreadLog Log, string Note)> For(
        ThreadId thread, Guest caller, double? seconds, RequestContext<CallToolRequestParams> request, bool owned, CallState? state, ThreadLog? known,
        (ThreadId Thread, string Owner)? answered, CancellationToken cancellation)
    {
        var (note, whose) = ("", answered?.Owner ?? core.Access.OwnerOf(thread, caller.Principal));
        var protocol = request.JsonRpcRequest.Context?.ProtocolVersion ?? request.Server.NegotiatedProtocolVersion;
        var capabilities = request.Server.ClientCapabilities ?? request.JsonRpcRequest.Context?.ClientCapabilities;
        var form = PauseForms.Choose(core.Settings.Pause, protocol, capabilities);
        var sampling = PauseForms.Sampling(protocol, capabilities);
        var until = core.Clock.GetUtcNow() + waiting.AtMost(seconds);
        // A client that answers null has answered nothing.
        if (state is not null && request.Params.InputResponses?.TryGetValue(state.Request.In(state.Owner), out var response) is true && response is not null)
        {
            note = _model.WasAsked(core.Host.Get(state.Owner, whose), state.Request)
                ? sampling == PauseForm.InputRequired ? await _model.Take(state.Owner, whose, caller, state.Request, ClientModel.Read(response)).ConfigureAwait(false) : ""
                : form == PauseForm.InputRequired ? await Take(state.Owner, whose, caller, state.Request, Read(response), protocol).ConfigureAwait(false) : "";
            if (IsOpen(state.Owner, whose, state.Request))
            {
                return (core.Host.Get(thread, whose), note);
            }
        }

        var (said, told) = (answered?.Thread ?? state?.Owner, new ToldProgress());
        for (var round = (state?.Round ?? 0) + 1; ; round++)
        {
            var log = known is not null && AgentHost.IsAtRest(known.Thread) ? known : await waiting.For(thread, whose, caller.Principal, seconds, request, cancellation, said, told).ConfigureAwait(false);
            known = null;
            // What is asked below, in a thread that this one waits for, is asked of the same client.
            var left = until - core.Clock.GetUtcNow();
            var first = new WaitingFor(core.Host.Chain(log)).All.FirstOrDefault(asking => IsFor(asking.Open.Asked, caller, whose) ? form is not (PauseForm.Result or PauseForm.Task)
                : sampling != PauseForm.Result && ClientModel.MayChoose(caller.Principal, whose) && left > TimeSpan.Zero && _model.IsFor(asking.Log, asking.Open));
            var isStep = first?.Open.Asked.Kind == RequestKind.NextStep;
            var way = isStep ? sampling : form;
            if (first is not { Log: var asking, Open: var open } || round > (way == PauseForm.InputRequired ? MostRetries : MostForms))
            {
                return (log, note);
            }

            var owner = asking.Thread.Id;
            if (way == PauseForm.InputRequired)
            {
                var input = isStep ? _model.Input(asking) : InputRequest.ForElicitation(ElicitationForm.Of(asking.Thread.Start.Agent, open.Asked, protocol));
                return Sign(new(thread, owner, open.Id, caller.Principal.Id, CallOf(request), round, owned), out var signed) is { } problem ? (log, note + problem)
                    : throw new InputRequiredException(new Dictionary<string, InputRequest> { [open.Id.In(owner)] = input }, signed);
            }

            // Whoever brought the answer is asked from now on: what the one that called may do is then of the past.
            (note, caller) = isStep ? await Sample(request, asking, whose, caller, open, left, told, cancellation).ConfigureAwait(false)
                : await Show(request, asking, whose, caller, open, protocol, told, cancellation).ConfigureAwait(false);
            if (IsOpen(owner, whose, open.Id))
            {
                return (core.Host.Get(thread, whose), note);
            }

            said = owner;
        }
    }

    private async Task<(string Note, Guest By)> Sample(
        RequestContext<CallToolRequestParams> request, ThreadLog asking, string whose, Guest caller, OpenRequest open, TimeSpan left, ToldProgress told, CancellationToken cancellation)
    {
        var (said, by) = await _model.Ask(_session, request, asking, open.Id, left, told, cancellation).ConfigureAwait(false);
        var now = caller with { Principal = by };
        return (await _model.Take(asking.Thread.Id, whose, now, open.Id, said).ConfigureAwait(false), now);
    }

    private async Task<(string Note, Guest By)> Show(
        RequestContext<CallToolRequestParams> request, ThreadLog asking, string whose, Guest caller, OpenRequest open, string? protocol, ToldProgress told, CancellationToken cancellation)
    {
        var form = Asked.By(RequestMethods.ElicitationCreate, ElicitationForm.Of(asking.Thread.Start.Agent, open.Asked, protocol), core.Settings.FormTimeout, "a person");
        var (filled, by) = await _session.Ask<ElicitResult>(request, form, asking.Thread, open.Id, told, cancellation).ConfigureAwait(false);
        var now = caller with { Principal = by };
        return (filled is null ? "" : await Take(asking.Thread.Id, whose, now, open.Id, filled, protocol).ConfigureAwait(false), now);
    }

    private static string CallOf(RequestContext<CallToolRequestParams> request) => CallStates.CallOf(request.Params.Name, Arguments.Of(request.Params));

    // A form whose answer would not count is not shown.
    private bool IsFor(RequestOpened asked, Guest caller, string whose) =>
        ElicitationForm.IsFor(asked) && AccessRules.Counts(asked, whose, caller.Principal, core.Settings.Approvals);

    private bool IsOpen(ThreadId owner, string whose, RequestId request) => core.Host.Get(owner, whose).Thread.OpenRequests.Any(open => open.Id == request);

    private static ElicitResult? Read(InputResponse response)
    {
        try
        {
            return response.Deserialize(InputResponse.ElicitResultJsonTypeInfo);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    // Without its key the server can vouch for no state, but the thread and its plain result are as good as ever.
    private string? Sign(CallState state, out string? signed)
    {
        try
        {
            signed = _states.Sign(state);
            return null;
        }
        catch (RefusedException e)
        {
            signed = null;
            return $"No form can be shown: {e.Message} ";
        }
    }

    /// <summary>Gives the thread what was said in the form; returns what to tell the caller when that was not possible.</summary>
    private async Task<string> Take(ThreadId thread, string whose, Guest caller, RequestId request, ElicitResult? filled, string? protocol)
    {
        var log = core.Host.Get(thread, whose);
        var asked = (RequestOpened)log.Events[request.Version - 1];
        // A state may be older than what its principal may do now, and a call than the key that its answer came with.
        if (!IsFor(asked, caller, whose))
        {
            return "The answer in the form was not taken: it is not yours to give. ";
        }

        if (filled is { IsAccepted: false })
        {
            // Noted once: a state may be sent again and again.
            if (log.Events[^1] is not AnswerRefused { Channel: FormAnswer.Channel })
            {
                await FormAnswer.Leave(core.Host, thread, whose, caller, request, filled.Action).ConfigureAwait(false);
            }

            return "";
        }

        if (filled is null || ElicitationForm.Read(asked, filled, protocol) is not { } said)
        {
            return "What came back from the form is no answer to it. ";
        }

        try
        {
            await said.Give(core.Host, thread, whose, caller, request).ConfigureAwait(false);
            return "";
        }
        catch (RefusedException e)
        {
            return $"The answer in the form was not taken: {e.Message} ";
        }
    }
}
