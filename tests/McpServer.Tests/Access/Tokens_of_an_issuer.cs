using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace AgentMcp.Server.Tests.Access;

public sealed class Tokens_of_an_issuer : IAsyncLifetime
{
    private TokenIssuer _issuer = null!;
    private GuardedServer _server = null!;

    public async ValueTask InitializeAsync()
    {
        _issuer = await TokenIssuer.Start();
        _server = await GuardedServer.Start(("auth", "keys,oidc"), ("oidc_authority", _issuer.Url), ("oidc_audience", "agentmcp"), ("oidc_scopes", "agents"));
    }

    [Fact]
    public async Task A_token_of_the_issuer_for_this_server_lets_its_subject_in()
    {
        var token = _issuer.Token("mia");
        await using var mia = await _server.Mcp(token);
        var thread = (await mia.CallToolAsync("calculator", new Dictionary<string, object?> { ["message"] = "divide 3 by 4" }, cancellationToken: TestContext.Current.CancellationToken))
            .StructuredContent!.Value.GetProperty("thread_id").GetString()!;

        Assert.Equal("mia", _server.Core.Host.Get(State.Threads.ThreadId.Parse(thread), "mia").Thread.Start.Principal);
        Assert.StartsWith("404 ", await Get($"/api/v1/threads/{thread}", _issuer.Token("ben")), StringComparison.Ordinal);
        Assert.StartsWith("200 ", await Get($"/api/v1/threads/{thread}", _issuer.Token("mia", "agents read")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_wrong_with_a_token_is_told_and_lets_nobody_in()
    {
        await _server.Key("taken", "run");
        var good = _issuer.Token();
        var parts = good.Split('.');
        var shared = new SymmetricSecurityKey(Encoding.UTF8.GetBytes(new string('s', 64))) { KeyId = "first" };
        var unsigned = $"{Base64UrlEncoder.Encode("""{"alg":"none","typ":"JWT"}""")}.{parts[1]}.";
        (string Token, string Status, string Reason)[] wrong =
        [
            (_issuer.Token(issuer: "http://127.0.0.1:1"), "401", "The token is not taken: it is not from"),
            (_issuer.Token(audience: "another"), "401", "The token is not taken: it is not for agentmcp."),
            (_issuer.Token(holds: TimeSpan.FromMinutes(-5)), "401", "The token is not taken: it has expired."),
            (unsigned, "401", "The token is not taken: it is not signed with a key of the issuer."),
            (_issuer.Token(key: TokenIssuer.NewKey("first")), "401", "The token is not taken: it is not signed with a key of the issuer."),
            (_issuer.Token(key: TokenIssuer.NewKey("unknown")), "401", "The token is not taken: it is not signed with a key of the issuer."),
            (_issuer.Token(key: shared, algorithm: "HS256"), "401", "The token is not taken: it is not signed with a key of the issuer."),
            ($"{parts[0]}.{Base64UrlEncoder.Encode(Base64UrlEncoder.Decode(parts[1]).Replace("mia", "ben", StringComparison.Ordinal))}.{parts[2]}", "401", "The token is not taken: it is not signed"),
            (_issuer.Token("local"), "401", "The token is not taken: its sub cannot be the name of a principal here."),
            (_issuer.Token("admin"), "401", "The token is not taken: its sub cannot be the name of a principal here."),
            (_issuer.Token("taken"), "401", "The token is not taken: its sub cannot be the name of a principal here."),
            (_issuer.Token("Taken"), "401", "The token is not taken: its sub cannot be the name of a principal here."),
            ("x.y.z", "401", "The token is not taken: "),
            (_issuer.Token(scope: "run"), "403", "The token lacks the scope agents."),
            (_issuer.Token(scope: null), "403", "The token lacks the scope agents."),
            (_issuer.Token(scope: "agents"), "403", "The token gives none of the roles run, read, approve, admin."),
        ];

        foreach (var (token, status, reason) in wrong)
        {
            var said = await Get("/api/v1/threads", token);
            Assert.StartsWith(status, said, StringComparison.Ordinal);
            Assert.Contains($"\"detail\":\"{reason}", said, StringComparison.Ordinal);
        }

        Assert.StartsWith("200 ", await Get("/api/v1/threads", good), StringComparison.Ordinal);
        // However many unknown keys are shown, the issuer is left in peace.
        Assert.InRange(_issuer.Asked, 1, 2);
    }

    [Fact]
    public async Task A_group_whose_name_holds_a_role_gives_none()
    {
        await using var server = await GuardedServer.Start(("auth", "oidc"), ("oidc_authority", _issuer.Url), ("oidc_audience", "agentmcp"), ("oidc_roles_claim", "groups"));

        Assert.Equal("""403 The token gives none of the roles run, read, approve, admin.""", await As("payroll admin"));
        Assert.Equal("""403 The token gives none of the roles run, read, approve, admin.""", await As("payroll admin", "run read"));
        Assert.StartsWith("200 ", await As("payroll admin", "read"), StringComparison.Ordinal);

        async Task<string> As(params string[] groups) => await GuardedServer.Say(server.As(_issuer.Token(groups: groups)), "GET", "/api/v1/threads") is var said && said.StartsWith("403", StringComparison.Ordinal)
            ? $"403 {System.Text.Json.JsonElement.Parse(said[4..]).GetProperty("detail").GetString()}" : said;
    }

    [Theory]
    [InlineData("scope", "agents:use")]
    [InlineData("groups", "agents:use")]
    [InlineData("groups", "payroll", "agents:use")]
    public async Task A_role_is_what_the_settings_say_a_scope_or_a_group_gives(string claim, params string[] values)
    {
        await using var server = await GuardedServer.Start(("auth", "oidc"), ("oidc_authority", _issuer.Url), ("oidc_audience", "agentmcp"),
            ("oidc_roles_claim", claim), ("oidc_roles", "run=agents:use,approve=deciders"));
        var mias = (await server.Asking("mia")).Thread.Id;
        var bens = (await server.Asking("ben")).Thread.Id;

        // Mia runs and does not decide; whoever decides does not run; and the names of roles give nothing any more.
        Assert.Equal(["200", "404", "201"], await As("mia", values));
        Assert.Equal(["200", "200", "403"], await As("kim", "deciders"));
        Assert.Equal(["403", "403", "403"], await As("lee", "run", "read", "approve", "admin"));
        Assert.Equal(["403", "403", "403"], await As("lee", "Agents:Use"));

        async Task<string[]> As(string who, params string[] given)
        {
            using var client = server.As(claim == "groups" ? _issuer.Token(who, null, groups: given) : _issuer.Token(who, string.Join(' ', given)));
            var thread = who == "mia" ? bens : mias;
            return
            [
                (await GuardedServer.Say(client, "GET", "/api/v1/threads"))[..3],
                (await GuardedServer.Say(client, "POST", $"/api/v1/threads/{thread}/answer", """{"approved":true}"""))[..3],
                (await GuardedServer.Say(client, "POST", "/api/v1/threads", """{"agent":"calculator","input":{"message":"add 1 and 2"}}"""))[..3],
            ];
        }
    }

    [Fact]
    public async Task A_new_key_of_the_issuer_is_looked_for_when_a_token_needs_it()
    {
        await using var issuer = await TokenIssuer.Start();
        var clock = new Microsoft.Extensions.Time.Testing.FakeTimeProvider(DateTimeOffset.UtcNow);
        using var http = new HttpClient();
        var published = new AgentMcp.Server.Access.Issuer(new(issuer.Url), http, clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance);
        var tokens = new AgentMcp.Server.Access.Tokens(_server.Core.Settings.Access.Oidc! with { Authority = new(issuer.Url) }, published, new(_server.Core.Keys, clock));
        var before = issuer.Token();
        Assert.Equal("mia", (await Check(before)).Who?.Id);
        issuer.Rotate("second");

        var tooSoon = (await Check(issuer.Token())).Who;
        clock.Advance(TimeSpan.FromSeconds(6));
        var after = (await Check(issuer.Token())).Who;
        var withdrawn = (await Check(before)).Who;

        Assert.Equal((null, "mia", null), (tooSoon?.Id, after?.Id, withdrawn?.Id));
        Assert.Equal(2, issuer.Asked);

        Task<(AgentMcp.Server.Access.Principal? Who, AgentMcp.Server.Access.Refusal? Refusal)> Check(string token) => tokens.Check(token, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_issuer_that_cannot_be_reached_lets_nobody_in_and_says_so()
    {
        await using var server = await GuardedServer.Start(("auth", "oidc"), ("oidc_authority", "http://127.0.0.1:1"), ("oidc_audience", "agentmcp"));

        Assert.StartsWith("503 ", await GuardedServer.Say(server.As(_issuer.Token()), "GET", "/api/v1/threads"), StringComparison.Ordinal);
        Assert.StartsWith("401 ", await GuardedServer.Say(server.As(null), "GET", "/api/v1/threads"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_without_a_token_is_told_where_to_get_one()
    {
        var metadata = new Uri(_server.Url, "/.well-known/oauth-protected-resource/mcp");

        var nobody = await Challenge(_server, null);
        var expired = await Challenge(_server, _issuer.Token(holds: TimeSpan.FromMinutes(-5)));
        var narrow = await Challenge(_server, _issuer.Token(scope: "read"));
        var roleless = await Challenge(_server, _issuer.Token(scope: "agents"));
        List<string> documents = [];
        foreach (var path in new[] { metadata.AbsolutePath, "/.well-known/oauth-protected-resource" })
        {
            using var answer = await _server.As(null).GetAsync(path, TestContext.Current.CancellationToken);
            documents.Add($"{(int)answer.StatusCode} {answer.Content.Headers.ContentType?.MediaType} {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
        }

        Assert.Equal($"401 Bearer resource_metadata=\"{metadata}\", scope=\"agents run\"", nobody);
        Assert.Equal($"401 Bearer error=\"invalid_token\", resource_metadata=\"{metadata}\", scope=\"agents run\"", expired);
        // What it has of roles it is to keep.
        Assert.Equal($"403 Bearer error=\"insufficient_scope\", resource_metadata=\"{metadata}\", scope=\"agents read\"", narrow);
        Assert.Equal($"403 Bearer error=\"insufficient_scope\", resource_metadata=\"{metadata}\", scope=\"agents run\"", roleless);
        Assert.All(documents, document => Assert.Equal($$"""200 application/json {"resource":"{{new Uri(_server.Url, "/mcp")}}","authorization_servers":["{{_issuer.Url}}"],"bearer_methods_supported":["header"],"scopes_supported":["agents","run"]}""", document));
    }

    [Theory]
    [InlineData("scope", null, "run")]
    [InlineData("scope", "admin=root approve=deciders run=staff read=staff run=agents:run", "agents:run")]
    [InlineData("scp", "admin=root approve=deciders read=viewers", "viewers")]
    [InlineData("groups", null, null)]
    public async Task What_a_client_is_told_to_ask_for_lets_it_in_and_no_more(string claim, string? roles, string? scope)
    {
        List<(string, string)> settings = [("auth", "oidc"), ("oidc_authority", _issuer.Url), ("oidc_audience", "agentmcp"), ("oidc_roles_claim", claim)];
        await using var server = await GuardedServer.Start([.. settings, .. roles is null ? [] : new[] { ("oidc_roles", roles) }]);
        var metadata = new Uri(server.Url, "/.well-known/oauth-protected-resource/mcp");
        var (header, member) = scope is null ? ("", "") : ($", scope=\"{scope}\"", $",\"scopes_supported\":[\"{scope}\"]");

        Assert.Equal($"401 Bearer resource_metadata=\"{metadata}\"{header}", await Challenge(server, null));
        Assert.Equal($"403 Bearer error=\"insufficient_scope\", resource_metadata=\"{metadata}\"{header}", await Challenge(server, _issuer.Token(scope: null)));
        Assert.Equal($$"""200 {"resource":"{{new Uri(server.Url, "/mcp")}}","authorization_servers":["{{_issuer.Url}}"],"bearer_methods_supported":["header"]{{member}}}""",
            await GuardedServer.Say(server.As(null), "GET", metadata.AbsolutePath));
        if (scope is not null)
        {
            Assert.StartsWith("200 ", await GuardedServer.Say(server.As(_issuer.Token(scope: scope, scopes: claim)), "GET", "/api/v1/threads"), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_token_that_is_let_in_for_a_clock_that_is_off_is_not_cut_off_at_once()
    {
        using var http = new HttpClient();
        var clock = TimeProvider.System;
        var tokens = new AgentMcp.Server.Access.Tokens(_server.Core.Settings.Access.Oidc!, new(new(_issuer.Url), http, clock, Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance), new(_server.Core.Keys, clock));

        var (who, refusal) = await tokens.Check(_issuer.Token(holds: TimeSpan.FromSeconds(-10)), TestContext.Current.CancellationToken);

        Assert.Null(refusal);
        Assert.InRange(who!.Until!.Value - clock.GetUtcNow(), TimeSpan.Zero, TimeSpan.FromSeconds(20));
        // Nor is one that holds for ever more than can be counted.
        var forever = new DateTime(9999, 12, 31, 23, 59, 59, DateTimeKind.Utc) - DateTime.UtcNow;
        Assert.Equal(DateTimeOffset.MaxValue, (await tokens.Check(_issuer.Token(holds: forever), TestContext.Current.CancellationToken)).Who?.Until);
    }

    [Fact]
    public async Task A_stream_ends_with_the_token_that_opened_it()
    {
        var thread = (await _server.Asking("mia")).Thread.Id;
        // Its clock may be half a minute off, and so long it is let in: for two seconds more.
        using var stream = await _server.As(_issuer.Token(holds: TimeSpan.FromSeconds(-28))).SendAsync(
            new(HttpMethod.Get, $"/api/v1/threads/{thread}/events") { Headers = { { "Accept", "text/event-stream" } } }, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);

        await Assert.ThrowsAnyAsync<Exception>(async () => await stream.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _issuer.DisposeAsync();
    }

    private static async Task<string> Challenge(GuardedServer server, string? token)
    {
        using var answer = await server.As(token).PostAsync("/mcp", null, TestContext.Current.CancellationToken);
        return $"{(int)answer.StatusCode} {answer.Headers.GetValues("WWW-Authenticate").Single()}";
    }

    private Task<string> Get(string path, string token) => GuardedServer.Say(_server.As(token), "GET", path);
}
