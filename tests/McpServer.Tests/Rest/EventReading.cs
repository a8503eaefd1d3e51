using System.Net.ServerSentEvents;
using System.Text.RegularExpressions;

namespace AgentMcp.Server.Tests.Rest;

/// <summary>Reads a stream of events, each shown as its id, its name and its data.</summary>
public sealed partial class EventReading : IDisposable
{
    private readonly HttpResponseMessage _answer;
    private readonly IAsyncEnumerator<SseItem<string>> _items;
    private readonly RestClient _rest;

    private EventReading(RestClient rest, HttpResponseMessage answer, Stream body) =>
        (_rest, _answer, _items) = (rest, answer, SseParser.Create(body).EnumerateAsync(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken));

    public static async Task<EventReading> Open(RestClient rest, string path, string? lastEventId = null)
    {
        var answer = await rest.Send(HttpMethod.Get, path, change: request => Ask(request, lastEventId));
        Assert.Equal("200 text/event-stream", $"{(int)answer.StatusCode} {answer.Content.Headers.ContentType}");
        return new(rest, answer, await answer.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
    }

    public static void Ask(HttpRequestMessage request, string? lastEventId)
    {
        request.Headers.Accept.ParseAdd("text/event-stream");
        if (lastEventId is not null)
        {
            request.Headers.Add("Last-Event-ID", lastEventId);
        }
    }

    public async Task<List<string>> Next(int count)
    {
        var events = new List<string>();
        while (events.Count < count && await _items.MoveNextAsync())
        {
            events.Add(Shown(_items.Current));
        }

        return events;
    }

    /// <summary>Until the server ends the stream.</summary>
    public Task<List<string>> Rest() => Next(int.MaxValue);

    public void Dispose() => _answer.Dispose();

    private string Shown(SseItem<string> item) => Hash().Replace(_rest.Shown($"{(item.EventType == "end" ? "" : item.EventId)} {item.EventType} {item.Data}"), "HASH");

    [GeneratedRegex("sha256:[0-9a-f]{64}")]
    private static partial Regex Hash();
}
