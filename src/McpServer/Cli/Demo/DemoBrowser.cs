using System.Text.RegularExpressions;

namespace AgentMcp.Server.Cli.Demo;

/// <summary>What a browser sends when a person signs in and answers: real requests, a cookie, and the form of the page.</summary>
internal sealed partial class DemoBrowser : IDisposable
{
    private readonly HttpClient _http = new();

    public async Task SignIn(string link, CancellationToken cancellation)
    {
        var page = await _http.GetStringAsync(new Uri(link), cancellation).ConfigureAwait(false);
        await Post(link, "/sign-in", cancellation, ("code", Hidden(page, "code"))).ConfigureAwait(false);
    }

    public async Task Answer(string address, PersonsAnswer answer, CancellationToken cancellation)
    {
        var page = await _http.GetStringAsync(new Uri(address), cancellation).ConfigureAwait(false);
        await Post(address, new Uri(address).AbsolutePath, cancellation, ("token", Hidden(page, "token")),
            ("do", answer.Approved == true ? "approve" : "reject"), ("comment", answer.Comment ?? "")).ConfigureAwait(false);
    }

    public void Dispose() => _http.Dispose();

    private async Task Post(string address, string path, CancellationToken cancellation, params (string Name, string Value)[] fields)
    {
        using var form = new FormUrlEncodedContent(fields.Select(field => KeyValuePair.Create(field.Name, field.Value)));
        using var reply = await _http.PostAsync(new Uri(new Uri(address), path), form, cancellation).ConfigureAwait(false);
        reply.EnsureSuccessStatusCode();
    }

    private static string Hidden(string page, string name) => HiddenField().Matches(page).FirstOrDefault(field => field.Groups["name"].Value == name) is { } found
        ? System.Net.WebUtility.HtmlDecode(found.Groups["value"].Value)
        : throw new IOException($"The page has no field '{name}'.");

    [GeneratedRegex("""<input type="hidden" name="(?<name>[^"]*)" value="(?<value>[^"]*)">""")]
    private static partial Regex HiddenField();
}
