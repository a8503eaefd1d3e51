using System.Net;
using System.Text.RegularExpressions;
using AgentMcp.Server.Inbox;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Inbox;

/// <summary>A person's browser without a browser: it keeps cookies, follows nothing, and sends forms as they are.</summary>
public sealed partial class Visitor : IDisposable
{
    private readonly HttpClient _http;

    private Visitor(Uri server)
    {
        Cookies = new();
        Site = server.GetLeftPart(UriPartial.Authority);
        _http = new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = Cookies }) { BaseAddress = new(Site) };
    }

    public CookieContainer Cookies { get; }

    public string Site { get; }

    public static Visitor Stranger(Uri server) => new(server);

    public static async Task<Visitor> SignedIn(Uri server, string database)
    {
        var visitor = new Visitor(server);
        using var entered = await visitor.Enter(LinkTo(visitor.Site, database));
        Assert.Equal(HttpStatusCode.SeeOther, entered.StatusCode);
        return visitor;
    }

    /// <summary>A browser of whoever has this key.</summary>
    public static async Task<Visitor> WithKey(Uri server, string key)
    {
        var visitor = new Visitor(server);
        using var entered = await visitor.Post("/sign-in", ("key", key));
        Assert.Equal(HttpStatusCode.SeeOther, entered.StatusCode);
        return visitor;
    }

    public static string LinkTo(string site, string database, string page = "/", string scope = LocalAccess.Everything, TimeSpan? lifetime = null) =>
        new LocalAccess(database, TimeProvider.System).SignInLink(site, lifetime ?? TimeSpan.FromMinutes(5), page, scope: scope);

    /// <summary>Opens a sign-in link and presses its button.</summary>
    public async Task<HttpResponseMessage> Enter(string link)
    {
        using var page = await Get(link);
        var body = await page.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        return page.IsSuccessStatusCode ? await Post("/sign-in", ("code", Field(body, "code"))) : page;
    }

    public Task<HttpResponseMessage> Get(string path) => Send(HttpMethod.Get, path);

    /// <summary>A page that must be there.</summary>
    public async Task<string> Page(string path)
    {
        using var reply = await Get(path);
        var page = await reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(reply.IsSuccessStatusCode, $"{path}: {reply.StatusCode}\n{page}");
        return page;
    }

    public Task<HttpResponseMessage> Post(string path, params (string Name, string Value)[] fields) => Send(HttpMethod.Post, path, request =>
        request.Content = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value))));

    /// <summary>Posts with the token of a page of this session.</summary>
    public async Task<HttpResponseMessage> Answer(string path, params (string Name, string Value)[] fields) =>
        await Post(path, [("token", await Token()), .. fields]);

    public async Task<string> Token() => Field(await Page("/"), "token");

    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method, path);
        change?.Invoke(request);
        return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private static string Field(string page, string name) =>
        WebUtility.HtmlDecode(Hidden().Matches(page).First(field => field.Groups[1].Value == name).Groups[2].Value);

    [GeneratedRegex("""<input type="hidden" name="([^"]*)" value="([^"]*)">""")]
    private static partial Regex Hidden();
}
