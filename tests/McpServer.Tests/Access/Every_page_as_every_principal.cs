using System.Text.RegularExpressions;
using AgentMcp.Server.Access;
using AgentMcp.Server.Tests.Inbox;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Access;

/// <summary>
/// Each page is asked for in a browser of each kind of principal. The threads are ana's; where somebody gets 404, it is
/// word for word what is said of what is nobody's, and where somebody is refused, nothing has happened.
/// </summary>
public sealed partial class Every_page_as_every_principal
{
    private const string Nobodys = "0123456789abcdef0123456789abcdef";

    /// <summary>The columns of <see cref="Rows"/>, after the one of a browser that is not signed in.</summary>
    private static readonly (string Name, string Roles, string? Agents)[] Principals =
    [
        ("ana", "run", null), ("ben", "run", null), ("rea", "read", null), ("app", "approve", null), ("adm", "admin", null),
        ("res", "run,read,approve", "rollback"), ("lim", "admin", "rollback"),
    ];

    /// <summary>
    /// Route; path and form, in which ASKS is a new thread of ana's that asks for an approval, PERSON one that asks a person,
    /// and DONE one that has ended; the words to be found on the page; and the statuses, with - where the words are not there.
    /// </summary>
    private static readonly (string Route, string Path, string? Form, string Words, string Statuses)[] Rows =
    [
        ("GET /", "/", null, "/requests/req_ASKS_3", "401 200 200- 200 200 200 200- 200-"),
        ("GET /", "/?agent=calculator", null, "/requests/req_ASKS_3", "401 200 200- 200 200 200 200- 200-"),
        ("GET /live", "/live", null, "data: some", "401 200 200- 200 200 200 200- 200-"),
        ("GET /requests/{request}", "/requests/req_ASKS_3", null, "divide", "401 200 404 200 200 200 404 404"),
        ("GET /requests/{request}", "/requests/req_ASKS_1", null, "", "401 404 404 404 404 404 404 404"),
        ("POST /requests/{request}", "/requests/req_ASKS_3", "do=approve", "", "401 303 404 403 303 303 404 404"),
        ("POST /requests/{request}", "/requests/req_PERSON_3", "words=this", "", "401 403 404 403 303 303 404 404"),
        ("GET /threads", "/threads", null, "/threads/thr_ASKS", "401 200 200- 200 200 200 200- 200-"),
        ("GET /threads", "/threads", null, "/threads/thr_DONE", "401 200 200- 200 200- 200 200- 200-"),
        ("GET /threads", "/threads?q=divide", null, "/threads/thr_ASKS", "401 200 200- 200 200 200 200- 200-"),
        ("GET /threads", "/threads?q=thr_ASKS", null, "", "401 303 404 303 303 303 404 404"),
        ("GET /threads", "/threads?q=req_ASKS_3", null, "", "401 303 404 303 303 303 404 404"),
        ("GET /threads/{thread}", "/threads/thr_ASKS", null, "divide", "401 200 404 200 200 200 404 404"),
        ("GET /threads/{thread}", "/threads/thr_DONE", null, "The result is 3.", "401 200 404 200 404 200 404 404"),
        ("GET /threads/{thread}/log.json", "/threads/thr_ASKS/log.json", null, "divide", "401 200 404 200 200 200 404 404"),
        ("GET /threads/{thread}/log.json", "/threads/thr_DONE/log.json", null, "The result is 3.", "401 200 404 200 404 200 404 404"),
        ("GET /threads/{thread}/steps/{version}", "/threads/thr_ASKS/steps/2", null, "System message", "401 200 404 200 200 200 404 404"),
        ("GET /threads/{thread}/steps/{version}", "/threads/thr_DONE/steps/2", null, "System message", "401 200 404 200 404 200 404 404"),
        ("POST /threads/{thread}/cancel", "/threads/thr_ASKS/cancel", "reason=x", "", "401 303 404 403 403 303 404 404"),
        ("POST /threads/{thread}/cancel", "/threads/thr_DONE/cancel", "reason=x", "", "401 303 404 403 404 303 404 404"),
        ("POST /threads/{thread}/fork", "/threads/thr_ASKS/fork", "at=3", "", "401 303 404 403 403 303 404 404"),
        ("POST /threads/{thread}/message", "/threads/thr_ASKS/message", "words=x", "", "401 409 404 403 403 409 404 404"),
        ("POST /threads/{thread}/message", "/threads/thr_DONE/message", "words=add 1 and 2", "", "401 303 404 403 404 303 404 404"),
        ("GET /agents", "/agents", null, "/agents/calculator", "401 200 200 200 200 200 200- 200-"),
        ("GET /agents/{agent}", "/agents/AGENT", null, "calculator", "401 200 200 200 200 200 404 404"),
        ("POST /sign-out", "/sign-out", "", "", "401 303 303 303 303 303 303 303"),
    ];

    [Fact]
    [Trait("Accepts", "P.1")]
    public async Task There_is_a_row_for_every_page_and_each_is_for_those_it_says()
    {
        await using var server = await GuardedServer.Start();
        List<(string Name, Visitor Browser)> visitors = [("nobody", Visitor.Stranger(server.Url))];
        foreach (var (name, roles, agents) in Principals)
        {
            visitors.Add((name, await Visitor.WithKey(server.Url, await server.Key(name, roles, agents))));
        }

        Assert.Equal(server.Routes(Door.Own), Rows.Select(row => row.Route).Distinct().Order(StringComparer.Ordinal));
        List<string> wrong = [];
        foreach (var row in Rows)
        {
            foreach (var ((name, browser), expected) in visitors.Zip(row.Statuses.Split(' '), (visitor, status) => (visitor, status)))
            {
                if (await Problem(server, name, browser, row, expected) is { } problem)
                {
                    wrong.Add($"{row.Route} at {row.Path} as {name}: {problem}");
                }
            }
        }

        visitors.ForEach(visitor => visitor.Browser.Dispose());
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static async Task<string?> Problem(
        GuardedServer server, string name, Visitor browser, (string Route, string Path, string? Form, string Words, string Statuses) row, string expected)
    {
        // A thread for each try, because some of them change it.
        var (named, thread) = await Named(server, row.Path + row.Words);
        var before = server.Happened(thread);
        var said = await Say(browser, name, row.Path.Replace(named, thread?.Value[4..], StringComparison.Ordinal).Replace("AGENT", "calculator", StringComparison.Ordinal), row.Form);
        var words = row.Words.Replace(named, thread?.Value[4..], StringComparison.Ordinal);
        var found = said.Status == 200 && !said.Body.Contains(words, StringComparison.Ordinal) ? "200-" : $"{said.Status}";
        if (found != expected)
        {
            return $"{found}, not {expected}: {Heading().Match(said.Body)}";
        }

        if (said.Status >= 400 && server.Happened(thread) != before)
        {
            return "it was refused, and something happened";
        }

        if (said.Status != 404)
        {
            return null;
        }

        var none = await Say(browser, name, row.Path.Replace(named, Nobodys, StringComparison.Ordinal).Replace("AGENT", "nobodys", StringComparison.Ordinal), row.Form);
        var same = (none.Status, none.Body.Replace(thread is null ? "nobodys" : Nobodys, thread?.Value[4..] ?? "calculator", StringComparison.Ordinal));
        return same == said ? null : $"another's is\n{said}\nand nobody's is\n{same}";
    }

    private static async Task<(string Named, ThreadId? Thread)> Named(GuardedServer server, string text)
    {
        foreach (var (named, agent, input) in new[] { ("ASKS", "calculator", """{"message":"divide 3 by 4"}"""), ("DONE", "calculator", """{"message":"add 1 and 2"}"""), ("PERSON", "human_contact", """{"msg":"Which?"}""") })
        {
            if (text.Contains(named, StringComparison.Ordinal))
            {
                return (named, (await server.Settled("ana", agent, JsonText.Parse(input))).Thread.Id);
            }
        }

        return ("ASKS", null);
    }

    private static async Task<(int Status, string Body)> Say(Visitor browser, string name, string path, string? form)
    {
        var token = form is null || name == "nobody" ? "" : await browser.Token();
        using var answer = form is null ? await browser.Get(path)
            : await browser.Post(path, [("token", token), .. form.Split('&', StringSplitOptions.RemoveEmptyEntries).Select(field => (field.Split('=')[0], field.Split('=')[1]))]);
        return ((int)answer.StatusCode, answer.Content.Headers.ContentType?.MediaType == "text/event-stream" ? await First(answer) : await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>The first that a stream tells, which is how many requests wait: none, or some.</summary>
    private static async Task<string> First(HttpResponseMessage stream)
    {
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        string line;
        do
        {
            line = await lines.ReadLineAsync(TestContext.Current.CancellationToken) ?? throw new EndOfStreamException();
        }
        while (!line.StartsWith("data: ", StringComparison.Ordinal));

        return line == "data: 0" ? line : "data: some";
    }

    [GeneratedRegex("<h1>.*?</p>|^[^<].*", RegexOptions.Singleline)]
    private static partial Regex Heading();
}
