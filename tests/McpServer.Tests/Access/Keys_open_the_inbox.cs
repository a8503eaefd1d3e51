using System.Net;
using System.Text.RegularExpressions;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Access;

public sealed partial class Keys_open_the_inbox
{
    [Fact]
    public async Task Whoever_signs_in_with_a_key_answers_in_its_own_name()
    {
        await using var server = await GuardedServer.Start(("approvals", "human"));
        var key = await server.Key("mia", "approve");
        var asked = await server.Asking("ana");
        var page = $"/requests/{asked.Thread.OpenRequests[0].Id.In(asked.Thread.Id)}";

        Assert.Equal("200 name=\"key\"", await Sees(server, "", "/sign-in", "name=\"key\""));
        Assert.StartsWith("401 name", await Sees(server, "", "/requests/x;curl%20evil", "name=\"page\" value=\"/requests/x%3Bcurl%20evil\""), StringComparison.Ordinal);
        var (entered, cookie) = await SignIn(server, key, page);
        Assert.Equal((HttpStatusCode.SeeOther, page), (entered.StatusCode, entered.Headers.Location?.ToString()));
        Assert.Contains("httponly", entered.Headers.GetValues("Set-Cookie").Single(), StringComparison.OrdinalIgnoreCase);
        var form = await Body(server, cookie, page);
        using var answered = await Send(server, cookie, HttpMethod.Post, page, ("token", Token().Match(form).Groups[1].Value), ("do", "approve"));

        Assert.Equal(HttpStatusCode.SeeOther, answered.StatusCode);
        var answer = server.Core.Host.Get(asked.Thread.Id, "ana").Thread.Answers.Values.Single();
        Assert.Equal(("mia", "inbox", true), (answer.By, answer.Channel, answer.Approved));
    }

    [Fact]
    public async Task Each_sees_only_what_its_roles_open()
    {
        await using var server = await GuardedServer.Start(("approvals", "human"));
        var asked = await server.Asking("ana");
        var (thread, request) = ($"/threads/{asked.Thread.Id}", $"/requests/{asked.Thread.OpenRequests[0].Id.In(asked.Thread.Id)}");
        var none = "/threads/thr_0123456789abcdef0123456789abcdef";
        foreach (var (roles, whole, form) in new[] { ("run", "404", "404"), ("read", "200", "200 To answer this takes"), ("approve", "200", "200 value=\"approve\""), ("admin", "200", "200 value=\"approve\"") })
        {
            var (_, cookie) = await SignIn(server, await server.Key("the-" + roles, roles), "/");

            Assert.StartsWith(whole, await Sees(server, cookie, thread, ""), StringComparison.Ordinal);
            Assert.StartsWith(form, await Sees(server, cookie, request, form[3..].Trim()), StringComparison.Ordinal);
            Assert.Equal(roles == "run" ? "200 no " + asked.Thread.Id : "200 " + asked.Thread.Id, await Sees(server, cookie, "/threads", asked.Thread.Id.Value));
            Assert.Equal(roles == "run" ? "200 no " + request : "200 " + request, await Sees(server, cookie, "/", request));
            using var cancelled = await Send(server, cookie, HttpMethod.Post, thread + "/cancel", ("token", Token().Match(await Body(server, cookie, "/")).Groups[1].Value));
            Assert.Equal(roles switch { "run" => HttpStatusCode.NotFound, "admin" => HttpStatusCode.SeeOther, _ => HttpStatusCode.Forbidden }, cancelled.StatusCode);
            if (roles == "run")
            {
                Assert.Equal((await Body(server, cookie, none)).Replace(none[9..], asked.Thread.Id.Value, StringComparison.Ordinal), await Body(server, cookie, thread));
            }
        }
    }

    [Fact]
    public async Task A_session_ends_when_its_key_is_revoked()
    {
        await using var server = await GuardedServer.Start();
        var (_, cookie) = await SignIn(server, await server.Key("mia", "read"), "/");
        using var live = await Send(server, cookie, HttpMethod.Get, "/live");
        Assert.StartsWith("200", await Sees(server, cookie, "/", ""), StringComparison.Ordinal);

        await server.Revoke("mia");

        Assert.StartsWith("401", await Sees(server, cookie, "/", ""), StringComparison.Ordinal);
        // It ends by itself, which an endless stream does not.
        await live.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Behind_a_public_name_it_works_over_https_of_a_known_proxy_only()
    {
        await using var server = await GuardedServer.Start(("public_url", "https://agents.example.com"), ("proxies", "127.0.0.1"));
        await using var direct = await GuardedServer.Start(("public_url", "https://agents.example.com"));
        var (key, other) = (await server.Key("mia", "read"), await direct.Key("mia", "read"));

        using var secure = await Through(server, key, "https", "agents.example.com");
        using var plain = await Through(server, key, "http", "agents.example.com");
        using var foreign = await Through(server, key, "https", "evil.example.com");
        using var forged = await Through(direct, other, "https", "agents.example.com");

        Assert.Equal((HttpStatusCode.SeeOther, HttpStatusCode.Unauthorized, HttpStatusCode.BadRequest), (secure.StatusCode, plain.StatusCode, foreign.StatusCode));
        Assert.Contains("secure", secure.Headers.GetValues("Set-Cookie").Single(), StringComparison.OrdinalIgnoreCase);
        Assert.Equal(HttpStatusCode.Unauthorized, forged.StatusCode);

        static async Task<HttpResponseMessage> Through(GuardedServer server, string key, string scheme, string host)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/sign-in") { Content = new FormUrlEncodedContent([new("key", key)]) };
            request.Headers.Host = host;
            request.Headers.Add("X-Forwarded-Proto", scheme);
            return await server.As(null).SendAsync(request, TestContext.Current.CancellationToken);
        }
    }

    private static async Task<(HttpResponseMessage Entered, string Cookie)> SignIn(GuardedServer server, string key, string page)
    {
        var entered = await Send(server, "", HttpMethod.Post, "/sign-in", ("key", key), ("page", page));
        return (entered, entered.Headers.GetValues("Set-Cookie").Single().Split(';')[0]);
    }

    /// <summary>The status, and the words that were looked for or that they are not there.</summary>
    private static async Task<string> Sees(GuardedServer server, string cookie, string path, string words)
    {
        using var answer = await Send(server, cookie, HttpMethod.Get, path);
        return $"{(int)answer.StatusCode} {((await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains(words, StringComparison.Ordinal) ? "" : "no ")}{words}";
    }

    private static async Task<string> Body(GuardedServer server, string cookie, string path)
    {
        using var answer = await Send(server, cookie, HttpMethod.Get, path);
        return Token().Replace(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), match => match.Value);
    }

    private static async Task<HttpResponseMessage> Send(GuardedServer server, string cookie, HttpMethod method, string path, params (string Name, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("Cookie", cookie.Length == 0 ? "none=" : cookie);
        request.Content = method == HttpMethod.Post ? new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))) : null;
        return await server.As(null).SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    [GeneratedRegex("name=\"token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
