using System.Net;
using System.Text.RegularExpressions;
using System.Web;

namespace AgentMcp.Server.Tests.Channels;

/// <summary>A browser, as far as forms go: it keeps cookies and posts what a page holds.</summary>
public sealed partial class InboxVisitor(string link) : IDisposable
{
    private readonly HttpClient _http = new(new HttpClientHandler { CookieContainer = new CookieContainer(), AllowAutoRedirect = true });
    private readonly Uri _link = new(link);

    /// <summary>Looks at a page without doing anything on it.</summary>
    public async Task<(HttpStatusCode Status, string Page)> Look(string path)
    {
        using var answer = await _http.GetAsync(new Uri(_link, path), TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    /// <summary>Opens the link, presses its button and returns the page it leads to.</summary>
    public async Task<(HttpStatusCode Status, string Page)> SignIn()
    {
        await Look(_link.PathAndQuery);
        return await Post("/sign-in", new() { ["code"] = HttpUtility.ParseQueryString(_link.Query)["code"]! });
    }

    public async Task Approve(string request)
    {
        await SignIn();
        var (_, page) = await Look("/requests/" + request);
        var (status, after) = await Post("/requests/" + request, new() { ["token"] = Token().Match(page).Groups[1].Value, ["do"] = "approve", ["comment"] = "" });
        Assert.True(status == HttpStatusCode.OK, after);
    }

    public void Dispose() => _http.Dispose();

    private async Task<(HttpStatusCode Status, string Page)> Post(string path, Dictionary<string, string> fields)
    {
        using var form = new FormUrlEncodedContent(fields);
        using var answer = await _http.PostAsync(new Uri(_link, path), form, TestContext.Current.CancellationToken);
        return (answer.StatusCode, await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
    }

    [GeneratedRegex("name=\"token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
