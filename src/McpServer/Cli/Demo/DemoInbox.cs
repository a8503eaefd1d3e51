using System.Globalization;
using System.Text.Json;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Cli.Demo;

/// <summary>
/// The browser's part in the demo: a person opens the link and decides on the page. Unattended, the form is sent as a
/// browser sends it. Either way the answer is read from the thread's log.
/// </summary>
internal sealed class DemoInbox(bool unattended) : IDisposable
{
    private static readonly TimeSpan Glance = TimeSpan.FromMilliseconds(300);
    private readonly DemoBrowser _browser = new();
    private bool _signedIn;

    public async Task<PersonsAnswer> Answer(DemoServer server, string thread, WireRequest request, Decider decide, Action<string> say, CancellationToken cancellation)
    {
        var page = request.InboxUrl ?? throw new IOException("The request has no page.");
        var link = _signedIn ? null : server.InboxLink;
        _signedIn = true;
        if (unattended)
        {
            say($"Unattended: the form of {page} is sent as a browser sends it.");
            if (link is not null)
            {
                await _browser.SignIn(link, cancellation).ConfigureAwait(false);
            }

            await _browser.Answer(page, await decide(request, cancellation).ConfigureAwait(false), cancellation).ConfigureAwait(false);
        }
        else
        {
            say(link is null ? "The browser shows it by itself; the demo waits for you." : $"Open this link in a browser to sign in, and decide there; the demo waits for you:\n{link}");
        }

        return await Answered(server, thread, request, cancellation).ConfigureAwait(false);
    }

    public void Dispose() => _browser.Dispose();

    private static async Task<PersonsAnswer> Answered(DemoServer server, string thread, WireRequest request, CancellationToken cancellation)
    {
        var number = int.Parse(request.Id.Split('_')[^1], CultureInfo.InvariantCulture);
        while (true)
        {
            var seen = await server.Call("get_thread", cancellation, ("thread_id", thread), ("include_events", true)).ConfigureAwait(false);
            if (seen.Events?.FirstOrDefault(one => one.Type == "request_answered" && one.Request == number) is { } answered)
            {
                return new(answered.Approved, answered.Response is { ValueKind: not JsonValueKind.Null } response ? JsonText.From(response) : null, answered.Comment);
            }

            await Task.Delay(Glance, cancellation).ConfigureAwait(false);
        }
    }
}
