using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>
/// What lies between two servers: it passes everything on as it is, but for one answer. The first request that has a
/// word in it arrives and is dealt with over there, and whoever sent it waits in vain. It can be told to answer some of the
/// later requests itself, whether they arrive or not.
/// </summary>
internal sealed class LateLine : IAsyncDisposable
{
    private static readonly string[] OfTheHop = ["Host", "Connection", "Content-Length", "Transfer-Encoding"];
    private readonly HttpClient _http = new() { Timeout = Timeout.InfiniteTimeSpan };
    private readonly CancellationTokenSource _gone = new();
    private readonly WebApplication _app;
    private readonly Queue<(string Word, string Said, int Status, bool Arrives)> _refusals = [];
    private readonly Uri _there;
    private string? _word;

    /// <param name="word">Null where no answer is late.</param>
    /// <param name="port">The one of a line that was here before; 0 for any.</param>
    public LateLine(Uri there, string? word, int port = 0)
    {
        (_there, _word) = (there, word);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, port));
        _app = builder.Build();
        _app.Run(Pass);
        _app.Start();
    }

    public string Url => _app.Urls.First() + _there.AbsolutePath;

    /// <summary>So many requests are still to be refused.</summary>
    public int Refusals
    {
        get
        {
            lock (_refusals)
            {
                return _refusals.Count;
            }
        }
    }

    /// <summary>The next request with this word is answered so, once those before are: a result, or an error, as it stands on the wire.</summary>
    /// <param name="arrives">It is dealt with over there all the same.</param>
    public void Refuse(string word, string said, int status = StatusCodes.Status200OK, bool arrives = false)
    {
        lock (_refusals)
        {
            _refusals.Enqueue((word, said, status, arrives));
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gone.CancelAsync();
        await _app.DisposeAsync();
        _http.Dispose();
        _gone.Dispose();
    }

    private async Task Pass(HttpContext context)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, _gone.Token);
        var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, either.Token);
        var text = System.Text.Encoding.UTF8.GetString(body.ToArray());
        var isLate = Volatile.Read(ref _word) is { } word && text.Contains(word, StringComparison.Ordinal)
            && Interlocked.Exchange(ref _word, null) is not null;
        var refusal = isLate ? null : Refusal(text);
        if (refusal is (var said, var status, false))
        {
            await Say(said, status);
            return;
        }

        using var request = new HttpRequestMessage(new(context.Request.Method), _there) { Content = body.Length > 0 ? new ByteArrayContent(body.ToArray()) : null };
        foreach (var header in context.Request.Headers.Where(header => !OfTheHop.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            if (!request.Headers.TryAddWithoutValidation(header.Key, [.. header.Value]))
            {
                request.Content?.Headers.TryAddWithoutValidation(header.Key, [.. header.Value]);
            }
        }

        using var answer = await _http.SendAsync(request, isLate || refusal is not null ? HttpCompletionOption.ResponseContentRead : HttpCompletionOption.ResponseHeadersRead, either.Token);
        if (isLate)
        {
            await Task.Delay(Timeout.Infinite, either.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }

        if (refusal is var (instead, with, _))
        {
            await Say(instead, with);
            return;
        }

        context.Response.StatusCode = (int)answer.StatusCode;
        foreach (var header in answer.Headers.Concat(answer.Content.Headers).Where(header => !OfTheHop.Contains(header.Key, StringComparer.OrdinalIgnoreCase)))
        {
            context.Response.Headers[header.Key] = header.Value.ToArray();
        }

        await context.Response.StartAsync(either.Token);
        await answer.Content.CopyToAsync(context.Response.Body, either.Token);

        Task Say(string said, int status)
        {
            context.Response.StatusCode = status;
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync($"{{\"jsonrpc\":\"2.0\",\"id\":{JsonNode.Parse(text)!["id"]!.ToJsonString()},{said}}}", either.Token);
        }
    }

    private (string Said, int Status, bool Arrives)? Refusal(string request)
    {
        lock (_refusals)
        {
            return _refusals.TryPeek(out var next) && request.Contains(next.Word, StringComparison.Ordinal) && _refusals.TryDequeue(out _) ? (next.Said, next.Status, next.Arrives) : null;
        }
    }
}
