using AgentMcp.Agents;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;
using AgentMcp.Server.Access;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Inbox;

/// <summary>Which agents there are, and what each takes, gives, is told and may do.</summary>
internal static class AgentsPage
{
    public static Page All(Visit visit)
    {
        var catalog = visit.Host.Catalog;
        // Files name agents that are not there for everybody.
        var (problems, notes) = visit.Who.SeesAll ? (catalog.Problems, catalog.Notes) : ([], []);
        return new("Agents", Html.Of($"""
            <div class="head"><h1>Agents</h1></div>
            {(problems.Count == 0 ? default : Html.Of($"""<div class="notice"><p><strong>Some could not be loaded:</strong></p><ul>{problems.Select(problem => Html.Of($"<li>{problem}</li>")).ToList()}</ul></div>"""))}
            {(notes.Count == 0 ? default : Html.Of($"""<details class="help"><summary>{Words.Count(notes.Count, "note", "notes")} on agent files</summary><ul>{notes.Select(note => Html.Of($"<li>{note}</li>")).ToList()}</ul></details>"""))}
            <ul class="requests" data-list>{visit.Core.Access.AgentsFor(visit.Who).Select(agent => Html.Of($"""
                <li><a class="row" href="/agents/{agent.Name}"><span class="title">{agent.Name}</span><span class="help">{agent.Description}</span>
                <span class="meta">{Words.Count(agent.Intents.OfType<Tool>().Count(), "tool", "tools")}{(Gated(agent) is var gated and > 0 ? $", {gated} with approval" : "")}{(agent.Model is null ? "" : $" · {agent.Model}")}</span></a></li>
                """)).ToList()}</ul>
            """), "agents");
    }

    public static Page One(Visit visit)
    {
        var agent = visit.Core.Access.Find(visit.Who, visit.Route("agent"));
        return new(agent.Name, Html.Of($"""
            <article class="thread">
            <nav class="path" aria-label="Where this is"><ol><li><a href="/agents">Agents</a></li></ol></nav>
            <h1>{agent.Name}</h1>
            <p class="lead">{agent.Description}</p>
            <dl class="facts">
            <div><dt>Model</dt><dd>{agent.Model ?? "the server's"}</dd></div>
            <div><dt>Answered by</dt><dd>{(Strictest(agent.People.AnswerableBy, visit.Core.Settings.Approvals) == AnswerableBy.Human ? "people only" : "the caller, or a person")}</dd></div>
            <div><dt>Limits</dt><dd>{Words.Count(agent.Limits.Steps, "step", "steps")}, {Words.Count(agent.Limits.ErrorsInRow, "error", "errors")} in a row{(agent.Limits.Tokens is { } tokens ? $", {Words.Count(tokens)} tokens" : "")}{(agent.Limits.Cost is { } cost ? $", {Money.Dollars((long)(cost * 1_000_000))}" : "")}{(agent.Limits.Time is { } time ? $", {Words.Duration(time)} of running" : "")}</dd></div>
            <div><dt>Threads</dt><dd><a href="/threads?agent={Uri.EscapeDataString(agent.Name)}">Show them</a></dd></div>
            </dl>
            <h2>What it may do</h2>
            <div class="wide"><table><thead><tr><th scope="col">Name</th><th scope="col">Effect</th><th scope="col">Gate</th><th scope="col">What it is for</th></tr></thead>
            <tbody>{agent.Intents.Select(intent => Row(intent, visit.Core.Settings.Approvals, agent)).ToList()}</tbody></table></div>
            <h2>Prompt</h2><pre tabindex="0">{agent.Prompt}</pre>
            <h2>Input</h2>{JsonView.Exact(agent.Input)}
            <h2>Output</h2>{JsonView.Exact(agent.Output)}
            </article>
            """), "agents");
    }

    private static Html Row(Intent intent, AnswerableBy server, Microagent agent) => Html.Of($"""
        <tr><th scope="row"><code>{intent.Name}</code></th><td>{(intent is Tool tool ? Words.Of(tool.Effect) : "")}</td>
        <td>{(intent is Tool gated ? Gate(gated, server, agent) : default)}</td>
        <td>{intent.Description}<details><summary>Arguments</summary>{JsonView.Exact(intent.Arguments)}</details></td></tr>
        """);

    private static Html Gate(Tool tool, AnswerableBy server, Microagent agent) => tool.Route switch
    {
        Route.Approve => Html.Of($"""<span class="badge approval">approval</span>{(Strictest(tool.AnswerableBy, Strictest(server, agent.People.AnswerableBy)) == AnswerableBy.Human ? " by a person" : "")}"""),
        Route.Delegate => Html.Of($"""<span class="badge question">done by a person</span>"""),
        Route.DryRun => Html.Of($"""<span class="badge">not run</span>"""),
        _ => default,
    };

    private static int Gated(Microagent agent) => agent.Intents.OfType<Tool>().Count(tool => tool.Route is Route.Approve or Route.Delegate);

    private static AnswerableBy Strictest(AnswerableBy one, AnswerableBy other) => (AnswerableBy)Math.Max((int)one, (int)other);
}
