using System.Net;
using System.Net.Http.Headers;
using System.Text;
using AgentMcp.Server.Tests.Inbox;

namespace AgentMcp.Server.Tests.Access;

/// <summary>Where keys are taken too: whoever is signed in is looked up before any page is made.</summary>
public sealed class Pages_say_what_is_wrong
{
    [Fact]
    public async Task When_the_database_is_gone()
    {
        await using var server = await GuardedServer.Start();
        var key = await server.Key("mia", "read");
        using var mia = await Visitor.WithKey(server.Url, key);
        using var live = await mia.Get("/live");
        File.Move(server.Database, server.Database + "-gone");
        try
        {
            Assert.Equal("503 was deleted or replaced", await Said(mia.Get("/"), "was deleted or replaced"));
            Assert.Equal("503 was deleted or replaced", await Said(mia.Get("/live"), "was deleted or replaced"));
            Assert.Equal("503 was deleted or replaced", await Said(mia.Post("/sign-in", ("key", key)), "was deleted or replaced"));
        }
        finally
        {
            File.Move(server.Database + "-gone", server.Database);
        }
    }

    [Theory]
    [InlineData("multipart/form-data", "x=y", "The form cannot be read.")]
    [InlineData("multipart/form-data; boundary=b", "--b\r\nContent-Disposition: form-data; name=\"key\"\r\n\r\nx", "The form cannot be read.")]
    [InlineData("text/plain", "x=y", "The form cannot be read.")]
    [InlineData("application/x-www-form-urlencoded", "MANY", "The form cannot be read.")]
    public async Task When_a_form_cannot_be_read(string type, string body, string words)
    {
        await using var server = await GuardedServer.Start();
        using var stranger = Visitor.Stranger(server.Url);
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body == "MANY" ? string.Join('&', Enumerable.Range(0, 1025).Select(i => $"f{i}=x")) : body));
        content.Headers.ContentType = MediaTypeHeaderValue.Parse(type);

        Assert.Equal($"400 {words}", await Said(stranger.Send(HttpMethod.Post, "/sign-in", request => request.Content = content), words));
    }

    private static async Task<string> Said(Task<HttpResponseMessage> asked, string words)
    {
        using var reply = await asked;
        var page = WebUtility.HtmlDecode(await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return $"{(int)reply.StatusCode} {(page.Contains(words, StringComparison.Ordinal) ? words : page)}";
    }
}
