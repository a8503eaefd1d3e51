using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Rest;

/// <summary>
/// Speaks plain HTTP with a server. Ids differ in every run and times at every moment, so tests write <c>thr_A</c> and
/// <c>req_A_3</c> for the first thread they meet, B for the second, and so on, and TIME for any time.
/// </summary>
public sealed partial class RestClient : IDisposable
{
    private readonly List<string> _threads = [];

    public RestClient(Uri server, string database)
    {
        Http.BaseAddress = new Uri(server, "/");
        Http.DefaultRequestHeaders.Authorization = new("Bearer", File.ReadAllText(database + "-access").Trim());
    }

    public HttpClient Http { get; } = new() { Timeout = TimeSpan.FromSeconds(60) };

    public static async Task<RestClient> Of(SharedServers servers) =>
        new((await servers.Of(Transport.Http, Ways.Newest)).Url!, servers.DatabaseOf(Transport.Http, Ways.Newest));

    /// <summary>What a letter stands for.</summary>
    public string Real(string text) => Letter().Replace(text, match => match.Groups[1].Value + _threads[match.Groups[2].Value[0] - 'A']);

    public string Shown(string text) => Time().Replace(Hex().Replace(text, match => ((char)('A' + Index(match.Value))).ToString()), "TIME");

    public Task<string> Get(string path) => Say(HttpMethod.Get, path);

    public Task<string> Post(string path, string? body = null) => Say(HttpMethod.Post, path, body);

    /// <summary>The status and the body, as one text.</summary>
    public async Task<string> Say(HttpMethod method, string path, string? body = null, Action<HttpRequestMessage>? change = null)
    {
        using var answer = await Send(method, path, body, change);
        return Shown($"{(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)}");
    }

    public async Task<HttpResponseMessage> Send(HttpMethod method, string path, string? body = null, Action<HttpRequestMessage>? change = null)
    {
        using var request = new HttpRequestMessage(method, path.StartsWith("//", StringComparison.Ordinal) ? path[1..] : "/api/v1" + Real(path));
        if (body is not null)
        {
            request.Content = new StringContent(Real(body), Encoding.UTF8, new MediaTypeHeaderValue("application/json"));
        }

        change?.Invoke(request);
        return await Http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
    }

    public void Dispose() => Http.Dispose();

    private int Index(string hex)
    {
        if (!_threads.Contains(hex))
        {
            _threads.Add(hex);
        }

        return _threads.IndexOf(hex);
    }

    [GeneratedRegex("(thr_|req_)([A-Z])(?![0-9a-zA-Z])")]
    private static partial Regex Letter();

    [GeneratedRegex("(?<=thr_|req_)[0-9a-f]{32}")]
    private static partial Regex Hex();

    [GeneratedRegex("[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+(Z|\\+00:00)")]
    private static partial Regex Time();
}
