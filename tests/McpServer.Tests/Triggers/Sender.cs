using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;
using AgentMcp.Server.Tests.Channels;

namespace AgentMcp.Server.Tests.Triggers;

/// <summary>Software somewhere else that signs what it sends, as Standard Webhooks has it.</summary>
public sealed class Sender : IDisposable
{
    private readonly HttpClient _http = new();
    private int _sent;

    /// <summary>Posts an envelope; every one has an id of its own unless one is given.</summary>
    public Task<Said> Send(Uri to, string type, object happened, string? id = null, bool isTest = false) =>
        Post(to, JsonSerializer.Serialize(new { type, is_test = isTest, @event = happened }), id: id);

    public async Task<Said> Post(Uri to, string body, string? secret = null, int age = 0, string? id = null, string media = "application/json", Action<HttpRequestMessage>? change = null)
    {
        id ??= $"msg_{Interlocked.Increment(ref _sent)}_{Guid.NewGuid():N}";
        var timestamp = (DateTimeOffset.UtcNow.ToUnixTimeSeconds() - age).ToString(CultureInfo.InvariantCulture);
        using var request = new HttpRequestMessage(HttpMethod.Post, to) { Content = new StringContent(body, Encoding.UTF8, media) };
        request.Headers.Host = "triggers.example.com";
        request.Headers.Add("webhook-id", id);
        request.Headers.Add("webhook-timestamp", timestamp);
        request.Headers.Add("webhook-signature", Receiver.Sign(secret ?? Receiver.Secret, id, timestamp, body));
        change?.Invoke(request);
        using var answer = await _http.SendAsync(request, TestContext.Current.CancellationToken);
        var said = JsonElement.Parse(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        return new(answer.StatusCode, said.GetProperty("status").GetString()!, said.GetProperty("message").GetString()!);
    }

    public void Dispose() => _http.Dispose();

    public sealed record Said(HttpStatusCode Status, string Code, string Message);
}
