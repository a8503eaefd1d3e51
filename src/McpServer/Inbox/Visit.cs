using AgentMcp.Agents;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Inbox;

/// <summary>One request of a person who is signed in: what was asked for, by whom, and what it can be answered with.</summary>
internal sealed record Visit(HttpContext Http, AccessSession Session, string FormToken, Core Core, TimeProvider Clock)
{
    public Principal Who => Session.Who;

    /// <summary>Which threads are listed.</summary>
    public Sight Sight { get; } = Core.Access.SightOf(Session.Who);

    public AgentHost Host => Core.Host;

    /// <summary>A page behind the cookie counts as a person, or with authentication as an approver, if it is one; no tool call gets here.</summary>
    public Responder Person => new Guest(Who, Session.Channel).At(Session.Channel);

    public DateTimeOffset Now => Clock.GetUtcNow();

    public string? Query(string name) => Http.Request.Query[name].ToString() is { Length: > 0 } value ? value : null;

    public string Route(string name) => Http.Request.RouteValues[name] as string ?? "";

    public static string PathOf(string request) => "/requests/" + request;

    /// <summary>A form that posts to one of our pages.</summary>
    public Html Form(string action, Html fields, string css = "") => Html.Of($"""
        <form method="post" action="{action}" class="{css}"><input type="hidden" name="token" value="{FormToken}">
        {fields}
        </form>
        """);

    /// <exception cref="RefusedException">The path names no thread of theirs.</exception>
    public ThreadLog Log(string id) => ThreadId.TryParse(id, out var thread)
        ? Core.Access.Get(thread, Who)
        : throw new RefusedException(RefusalCode.ThreadNotFound, $"'{id}' is not the id of a thread.");
}

/// <summary>What a visit is answered with.</summary>
/// <param name="IsLive">Whether its address shows the same: the answer to a form does not, and is not fetched anew.</param>
/// <param name="Here">Which entry of the navigation it belongs to.</param>
internal sealed record Page(string Title, Html Body, string Here = "", int Status = StatusCodes.Status200OK, bool IsLive = true);
