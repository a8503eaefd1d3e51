using System.Net;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Inbox;

public sealed class Forms_come_from_our_pages(SharedServers servers)
{
    public enum Sender
    {
        WithoutToken,
        WithTheTokenOfAnother,
        FromAnotherSite,
        FromAnotherPort,
        WithoutCookie,
    }

    [Theory]
    [Trait("Accepts", "W.3")]
    [InlineData(Sender.WithoutToken)]
    [InlineData(Sender.WithTheTokenOfAnother)]
    [InlineData(Sender.FromAnotherSite)]
    [InlineData(Sender.FromAnotherPort)]
    [InlineData(Sender.WithoutCookie)]
    public async Task A_form_that_another_page_sends_changes_nothing(Sender sender)
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);
        var database = servers.DatabaseOf(Transport.Http, Ways.Newest);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        using var person = await Visitor.SignedIn(server.Url!, database);
        using var other = await Visitor.SignedIn(server.Url!, database);
        using var stranger = Visitor.Stranger(server.Url!);
        var token = await (sender == Sender.WithTheTokenOfAnother ? other : person).Token();

        foreach (var path in new[] { $"/requests/{pending.RequestId}", $"/threads/{pending.ThreadId}/cancel", $"/threads/{pending.ThreadId}/fork", "/sign-out" })
        {
            using var reply = await (sender == Sender.WithoutCookie ? stranger : person).Send(HttpMethod.Post, path, request =>
            {
                request.Content = new FormUrlEncodedContent(new Dictionary<string, string> { ["token"] = sender == Sender.WithoutToken ? "" : token, ["do"] = "approve", ["at"] = "1" });
                if (sender == Sender.FromAnotherSite)
                {
                    request.Headers.Add("Origin", "https://example.com");
                }
                else if (sender == Sender.FromAnotherPort)
                {
                    // Another page of this machine: the same site to a cookie, and not the same origin.
                    request.Headers.Add("Origin", "http://localhost:3000");
                    request.Headers.Add("Sec-Fetch-Site", "same-site");
                }
            });
            Assert.Equal(sender == Sender.WithoutCookie ? HttpStatusCode.Unauthorized : HttpStatusCode.Forbidden, reply.StatusCode);
        }

        var after = await server.Do("get_thread", new { thread_id = pending.ThreadId });
        Assert.Equal((pending.Version, "pending"), (after.Version, after.Status));
    }

    [Fact]
    [Trait("Accepts", "W.3")]
    public async Task Nothing_that_is_fetched_answers_anything()
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        using var person = await Visitor.SignedIn(server.Url!, servers.DatabaseOf(Transport.Http, Ways.Newest));
        var token = await person.Token();
        foreach (var path in new[] { $"/requests/{pending.RequestId}?do=approve&token={token}", $"/threads/{pending.ThreadId}", $"/threads/{pending.ThreadId}/log.json" })
        {
            await person.Page(path);
        }

        foreach (var path in new[] { $"/threads/{pending.ThreadId}/cancel", $"/threads/{pending.ThreadId}/fork", $"/threads/{pending.ThreadId}/message", "/sign-out" })
        {
            using var reply = await person.Get($"{path}?token={token}");
            Assert.Equal(HttpStatusCode.MethodNotAllowed, reply.StatusCode);
        }

        Assert.Equal(pending.Version, (await server.Do("get_thread", new { thread_id = pending.ThreadId })).Version);
    }
}
