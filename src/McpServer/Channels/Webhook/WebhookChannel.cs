using System.Text;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Channels.Webhook;

/// <summary>Posts each notice as JSON to one address, signed as Standard Webhooks has it.</summary>
internal sealed class WebhookChannel(ChannelSettings settings) : IHumanChannel
{
    private readonly Uri _address = settings.Address("url");

    public string Name { get; } = settings.Name;

    public int Attempts { get; } = settings.Attempts;

    public WebhookSecrets Secrets { get; } = new(settings);

    public async Task<JsonText?> Send(Notice notice, CancellationToken cancellation)
    {
        await Post(notice, cancellation).ConfigureAwait(false);
        return null;
    }

    public Task Update(Notice notice, CancellationToken cancellation) => Post(notice, cancellation);

    public Task Say(JsonText place, string words, CancellationToken cancellation) =>
        Post("msg_" + Guid.CreateVersion7().ToString("N"), TimeProvider.System.GetUtcNow(), WebhookNotice.Said(place, words, TimeProvider.System.GetUtcNow()), cancellation);

    private Task<string> Post(Notice notice, CancellationToken cancellation) => Post(notice.Id, notice.At, WebhookNotice.Json(notice), cancellation);

    private Task<string> Post(string id, DateTimeOffset at, JsonText json, CancellationToken cancellation)
    {
        var body = Encoding.UTF8.GetBytes(json.Text);
        return ChannelHttp.Post(_address, body, headers =>
        {
            foreach (var (name, value) in Secrets.Sign(id, at, body))
            {
                headers.Add(name, value);
            }
        }, cancellation);
    }
}
