using System.Security.Claims;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Access;

/// <summary>A principal and the channel it calls through.</summary>
internal sealed record Guest(Principal Principal, string Channel)
{
    /// <summary>As the log records it. An approver's word is a person's; without authentication nobody is known to be one.</summary>
    public Responder Responder => new(Principal.Id, Channel, IsHuman: Principal.IsApprover);

    /// <summary>
    /// As the person whom the host shows a form to. Without authentication the host's word is enough; with it, only an
    /// approver's form counts as a person's, or whoever holds a key for running agents could fill in its own forms.
    /// </summary>
    public Responder At(string form) => new(Principal.Id, form, IsHuman: !Principal.IsAuthenticated || Principal.IsApprover);

    public static Guest Of(ClaimsPrincipal? user, string channel) => new(Principal.Of(user), channel);
}
