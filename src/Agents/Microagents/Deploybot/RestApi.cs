using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Deploybot;

/// <summary>JSON over HTTP with a bearer token that never gets into an error.</summary>
internal sealed class RestApi(HttpClient http, string name, string baseUrl, string token, Action<HttpRequestHeaders>? headers = null)
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(20);

    /// <exception cref="ToolException">No answer, or none of this kind. Reading again is always harmless.</exception>
    public async Task<T> Get<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class =>
        await TryGet(path, type, cancellation).ConfigureAwait(false) ?? throw new ToolException($"{name} answered 404 to GET {Plain(path)}: check the repository, project and token it was given.");

    /// <summary>As <see cref="Get"/>, with null for what does not exist.</summary>
    public async Task<T?> TryGet<T>(string path, JsonTypeInfo<T> type, CancellationToken cancellation)
        where T : class
    {
        try
        {
            var (status, body) = await Send(HttpMethod.Get, path, null, cancellation).ConfigureAwait(false);
            return status switch
            {
                HttpStatusCode.OK => JsonSerializer.Deserialize(body, type),
                // GitHub answers 422 to the name of a commit it does not have.
                HttpStatusCode.NotFound or HttpStatusCode.UnprocessableEntity => null,
                _ => throw Refused("GET", path, status, body),
            };
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException or JsonException)
        {
            throw new ToolException($"{name} gave no usable answer to GET {Plain(path)}: {Clean(e.Message)}", e);
        }
    }

    /// <exception cref="ToolException">It was refused, or never sent: nothing happened.</exception>
    /// <exception cref="OutcomeUnknownException">It was sent, and what became of it is not known.</exception>
    public async Task<HttpStatusCode> Post(string path, string? json, CancellationToken cancellation)
    {
        try
        {
            var (status, body) = await Send(HttpMethod.Post, path, json, cancellation).ConfigureAwait(false);
            return (int)status switch
            {
                >= 200 and < 300 => status,
                >= 500 => throw new OutcomeUnknownException($"{name} answered {(int)status} to POST {Plain(path)}, so it is not known whether it was done."),
                _ => throw Refused("POST", path, status, body),
            };
        }
        catch (HttpRequestException e) when (e.HttpRequestError is HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.SecureConnectionError)
        {
            throw new ToolException($"{name} could not be reached: {Clean(e.Message)}", e);
        }
        catch (Exception e) when (e is HttpRequestException or TimeoutException)
        {
            throw new OutcomeUnknownException($"{name} did not answer POST {Plain(path)}, so it is not known whether it was done: {Clean(e.Message)}", e);
        }
    }

    private async Task<(HttpStatusCode Status, string Body)> Send(HttpMethod method, string path, string? json, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(method, baseUrl.TrimEnd('/') + path);
        request.Headers.Authorization = new("Bearer", token);
        request.Headers.UserAgent.Add(new("agentmcp", null));
        headers?.Invoke(request.Headers);
        request.Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Limit);
        try
        {
            using var response = await http.SendAsync(request, limit.Token).ConfigureAwait(false);
            return (response.StatusCode, await response.Content.ReadAsStringAsync(limit.Token).ConfigureAwait(false));
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new TimeoutException($"no answer within {Limit.TotalSeconds:0} seconds", e);
        }
    }

    private ToolException Refused(string method, string path, HttpStatusCode status, string body) => new(
        $"{name} refused {method} {Plain(path)} with {(int)status}{Said(body)}" + status switch
        {
            HttpStatusCode.Unauthorized => " Its token is missing, wrong or expired.",
            HttpStatusCode.Forbidden => " Its token may not do this, or too many requests were made.",
            _ => "",
        });

    private string Said(string body)
    {
        try
        {
            var error = JsonSerializer.Deserialize(body, WireJson.Default.WireError);
            var message = error?.Message ?? error?.Error?.Message;
            return message is null ? "." : $": {Clean(message)}.";
        }
        catch (JsonException)
        {
            return ".";
        }
    }

    private static string Plain(string path) => path.Split('?')[0];

    private string Clean(string text)
    {
        var line = Readable.FirstLine(text).TrimEnd('.');
        return token.Length == 0 ? line : line.Replace(token, "***", StringComparison.Ordinal);
    }
}
