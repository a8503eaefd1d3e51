using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using AgentMcp.Server.Inbox;
using AgentMcp.Server.Tests.Access;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Inbox;

/// <summary>A file that others may change while servers run, and that may be half done after a loss of power.</summary>
public sealed class The_secret_of_the_inbox
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    [Fact]
    [Trait("Accepts", "R.11")]
    public async Task That_is_empty_is_made_anew_and_opens_nothing()
    {
        await using var server = await GuardedServer.Start();
        Write(Secret(server), "");

        Assert.Equal("401 Please sign in", await Said(server, "/", "Please sign in", SealedWithNothing()));
        Assert.Matches("^[0-9a-f]{64}\n$", await File.ReadAllTextAsync(Secret(server), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task That_is_empty_is_the_same_for_all_who_begin_at_once()
    {
        using var folder = new TestFolder();
        Write(folder.Database + "-access", "");
        using var start = new Barrier(8);

        var signed = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Factory.StartNew(() =>
        {
            start.SignalAndWait(TestContext.Current.CancellationToken);
            return new AccessSecret(folder.Database + "-access").Sign("x");
        }, TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default)));

        Assert.Single(signed.Distinct());
    }

    [Theory]
    [InlineData("x")]
    [InlineData("0123456789abcdef0123456789abcdef\n")]
    [InlineData("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdeg\n")]
    public async Task That_is_none_is_refused_and_says_what_to_do(string held)
    {
        await using var server = await GuardedServer.Start();
        await using var open = await GuardedServer.Start(("auth", "none"));
        Write(Secret(server), held);
        Write(Secret(open), held);

        var words = $"The secret of the inbox cannot be used. {Secret(server)} holds no secret. Delete it, and a new one is made (everybody signs in again).";
        Assert.Equal($"503 {words}", await Said(server, "/", words));
        Assert.Equal($"503 {words}", await Said(server, "/sign-in?code=eA.eA", words));
        Assert.Equal(
            $$"""503 {"type":"about:blank","title":"Service Unavailable","status":503,"detail":"{{words.Replace(Secret(server), Secret(open), StringComparison.Ordinal)}}","code":"unavailable"}""",
            await GuardedServer.Say(open.As("x"), "GET", "/api/v1/agents"));
    }

    [Fact]
    public async Task That_others_may_read_is_used_once_they_may_not()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such permissions.");
            return;
        }

        await using var server = await GuardedServer.Start();
        Write(Secret(server), "");
        File.SetUnixFileMode(Secret(server), Owner | UnixFileMode.GroupRead | UnixFileMode.GroupWrite);
        var words = $"The secret of the inbox cannot be used. {Secret(server)} may be read by others than its owner. Delete it, and a new one is made (everybody signs in again), or set its permissions to 600.";

        Assert.Equal($"503 {words}", await Said(server, "/", words));
        File.SetUnixFileMode(Secret(server), Owner);
        Assert.Equal("401 Please sign in", await Said(server, "/", "Please sign in"));
    }

    [Fact]
    public async Task That_is_deleted_signs_everybody_out_of_a_server_that_runs()
    {
        await using var server = await GuardedServer.Start();
        using var before = await Visitor.SignedIn(server.Url, server.Database);
        await before.Page("/");

        File.Delete(Secret(server));
        using (var refused = await before.Get("/"))
        {
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }

        // Made anew by whoever asks first: the server, or the command line.
        using var after = await Visitor.SignedIn(server.Url, server.Database);
        await after.Page("/");
        File.Delete(Secret(server));
        using var third = await Visitor.SignedIn(server.Url, server.Database);
        await third.Page("/");
        using var gone = await after.Get("/");
        Assert.Equal(HttpStatusCode.Unauthorized, gone.StatusCode);
    }

    private static string Secret(GuardedServer server) => server.Database + "-access";

    private static void Write(string path, string text)
    {
        File.WriteAllText(path, text);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, Owner);
        }
    }

    /// <summary>A session as anybody can make it who takes the secret for empty.</summary>
    private static string SealedWithNothing()
    {
        var text = $"{new string('0', 32)}\n{DateTimeOffset.UtcNow.AddDays(1).ToUnixTimeSeconds()}\ninbox\n/\n";
        return $"agentmcp_{Sign("cookie")[..8]}={Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text))}.{Sign("session\n" + text)}";

        static string Sign(string text) => Convert.ToHexStringLower(HMACSHA256.HashData(Array.Empty<byte>(), Encoding.UTF8.GetBytes(text)));
    }

    private static async Task<string> Said(GuardedServer server, string path, string words, string cookie = "none=")
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Add("Cookie", cookie);
        using var reply = await server.As(null).SendAsync(request, TestContext.Current.CancellationToken);
        var page = WebUtility.HtmlDecode(await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return $"{(int)reply.StatusCode} {(page.Contains(words, StringComparison.Ordinal) ? words : page)}";
    }
}
