using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Apps;

public sealed partial class Cards_are_for_those_who_declared_them(SharedServers servers)
{
    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Agents_and_resume_thread_are_shown_in_the_card_and_two_more_tools_are_the_cards_own(Transport transport, string protocol)
    {
        await using var host = await CardHost.Start(servers, transport, protocol);

        var tools = (await host.Send("tools/list")).GetProperty("tools").EnumerateArray().ToList();

        Assert.Equal(
            ["answer_request", "brief", "calculator", "cancel_thread", "careful", "deploybot", "follow_thread", "fork_thread", "get_thread", "guarded", "invoke_agent",
                "list_agents", "list_threads", "listed", "pipeline", "puppet", "resume_thread", "rollback", "slow", "wait_thread"],
            tools.Select(tool => tool.GetProperty("name").GetString()));
        Assert.Equal(
            [
                "answer_request app", "brief model+app", "calculator model+app", "careful model+app", "deploybot model+app", "follow_thread app", "guarded model+app",
                "invoke_agent model+app", "listed model+app", "pipeline model+app", "puppet model+app", "resume_thread model+app", "rollback model+app", "slow model+app",
            ],
            tools.Where(tool => tool.TryGetProperty("_meta", out _)).Select(tool => (Name: tool.GetProperty("name"), Ui: tool.GetProperty("_meta").GetProperty("ui")))
                .Select(tool => $"{tool.Name} {string.Join('+', tool.Ui.GetProperty("visibility").EnumerateArray())}"));
        Assert.All(tools.Where(tool => tool.TryGetProperty("_meta", out _)),
            tool => Assert.Equal(CardHost.Page, tool.GetProperty("_meta").GetProperty("ui").GetProperty("resourceUri").GetString()));
        var known = tools.Where(tool => ToolsFile.All.EnumerateArray().Any(own => own.GetProperty("name").ValueEquals(tool.GetProperty("name").GetString())));
        Assert.All(known, tool => Assert.Equal(JsonSerializer.Serialize(ToolsFile.Tool(tool.GetProperty("name").GetString()!)), JsonSerializer.Serialize(WithoutMeta(tool))));
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task The_card_is_one_page_that_asks_for_no_domain_and_allows_nothing_but_itself(Transport transport, string protocol)
    {
        await using var host = await CardHost.Start(servers, transport, protocol);

        var listed = (await host.Client.ListResourcesAsync(cancellationToken: TestContext.Current.CancellationToken)).Single(one => one.Uri == CardHost.Page);
        var page = Assert.IsType<TextResourceContents>(Assert.Single((await host.Client.ReadResourceAsync(CardHost.Page, cancellationToken: TestContext.Current.CancellationToken)).Contents));

        Assert.Equal(("text/html;profile=mcp-app", "text/html;profile=mcp-app"), (listed.MimeType, page.MimeType));
        Assert.Equal("""{"csp":{},"prefersBorder":true}""", page.Meta!["ui"]!.ToJsonString());
        Assert.StartsWith("<!doctype html>", page.Text, StringComparison.Ordinal);
        Assert.Matches("default-src 'none'; style-src 'sha256-[^']+'; script-src 'sha256-[^']+'; base-uri 'none'; form-action 'none'", page.Text);
        Assert.DoesNotMatch(Outside(), page.Text);
        Assert.DoesNotContain("{{", page.Text, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Others_see_no_trace_of_it(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);

        var unknown = await Assert.ThrowsAsync<McpProtocolException>(async () => await server.Call("answer_request", new { thread_id = "x", request_id = "y", token = "z" }));
        var nowhere = await Assert.ThrowsAsync<McpProtocolException>(async () => await server.Client.ReadResourceAsync(CardHost.Page, cancellationToken: TestContext.Current.CancellationToken));
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });

        Assert.Contains("There is no tool 'answer_request'. The tools are brief, calculator, cancel_thread,", unknown.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("follow_thread", unknown.Message, StringComparison.Ordinal);
        Assert.Contains(CardHost.Page, nowhere.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(await server.Client.ListResourcesAsync(cancellationToken: TestContext.Current.CancellationToken), one => one.Uri == CardHost.Page);
        Assert.False(pending.Result.Meta?.ContainsKey("agentmcp/card") ?? false);
    }

    [Fact]
    public async Task A_client_that_takes_no_html_is_one_of_the_others()
    {
        await using var host = await CardHost.Start(servers, Transport.Http, Ways.Newest, options: CardHost.Declares("text/plain"));

        Assert.DoesNotContain((await host.Send("tools/list")).GetProperty("tools").EnumerateArray(), tool => tool.TryGetProperty("_meta", out _));
    }

    [Fact]
    public async Task A_server_that_was_told_to_give_plain_results_gives_no_cards()
    {
        await using var host = await CardHost.Start(servers, Transport.Stdio, Ways.Newest, new Dictionary<string, string> { ["pause"] = "result" });

        Assert.DoesNotContain((await host.Send("tools/list")).GetProperty("tools").EnumerateArray(), tool => tool.TryGetProperty("_meta", out _));
    }

    private static Dictionary<string, JsonElement> WithoutMeta(JsonElement tool) =>
        tool.EnumerateObject().Where(member => member.Name != "_meta").ToDictionary(member => member.Name, member => member.Value);

    [GeneratedRegex("""https?://|"//[a-z]|\bsrc=|\bhref=|@import|url\(|innerHTML|outerHTML|insertAdjacent|document\.write|\beval\(|new Function""")]
    private static partial Regex Outside();
}
