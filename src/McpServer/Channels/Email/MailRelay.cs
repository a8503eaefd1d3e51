using System.Globalization;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace AgentMcp.Server.Channels.Email;

/// <summary>The mail server of a channel. What it says may quote an address, so only its number is told.</summary>
internal sealed class MailRelay(string host, int port, SecureSocketOptions security, (string User, string Password)? login, TimeProvider clock)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    // One for whom the server takes its time leaves some to those after it, and all of them together end before who sends gives up.
    // Whoever is the last, or the only one, has all that is left: what is cut off may have got there, and is sent again.
    private static readonly TimeSpan ForOne = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan ForAll = TimeSpan.FromSeconds(25);

    /// <summary>Hands over a mail for each of these people.</summary>
    /// <returns>Who is not told, by their number, and why. Tried again, all others would be told each time.</returns>
    /// <exception cref="DeliveryException">Nobody was told.</exception>
    public async Task<IReadOnlyList<(int Number, string Why)>> Send(MailboxAddress from, IReadOnlyList<MailboxAddress> to, Func<MimeMessage> compose, CancellationToken cancellation)
    {
        var left = new Queue<(int Number, MailboxAddress Address)>(to.Select((address, i) => (i + 1, address)));
        List<(int Number, Exception Why)> refused = [];
        using var time = new CancellationTokenSource(ForAll, clock);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation, time.Token);
        while (left.Count > 0)
        {
            using var smtp = new SmtpClient { Timeout = (int)Patience.TotalMilliseconds };
            if (await Trouble(() => Connect(smtp, limit.Token), cancellation).ConfigureAwait(false) is { } away)
            {
                refused.AddRange(left.Select(one => (one.Number, away)));
                break;
            }

            var before = left.Count;
            // Many servers take only so many mails over one connection. One that took none breaks off for whom it was to be.
            if (await Trouble(() => Tell(smtp, from, left, refused, compose, limit.Token), cancellation).ConfigureAwait(false) is { } broken && left.Count == before)
            {
                refused.Add((left.Dequeue().Number, broken));
            }
        }

        return refused.Count < to.Count ? [.. refused.Select(one => (one.Number, Reason(one.Why)!))]
            : throw new DeliveryException(Reason(refused[^1].Why)!, cause: refused[^1].Why);
    }

    // What went wrong with the server. That we stop is not its doing.
    private static async Task<Exception?> Trouble(Func<Task> work, CancellationToken stop)
    {
        try
        {
            await work().ConfigureAwait(false);
            return null;
        }
        catch (OperationCanceledException e) when (!stop.IsCancellationRequested)
        {
            return new TimeoutException(e.Message, e);
        }
        catch (Exception e) when (Reason(e) is not null)
        {
            return e;
        }
    }

    private async Task Connect(SmtpClient smtp, CancellationToken cancellation)
    {
        await smtp.ConnectAsync(host, port, security, cancellation).ConfigureAwait(false);
        if (login is var (user, password))
        {
            await smtp.AuthenticateAsync(user, password, cancellation).ConfigureAwait(false);
        }
    }

    // Whoever is told, or refused for who they are, is no longer left.
    private async Task Tell(
        SmtpClient smtp, MailboxAddress from, Queue<(int Number, MailboxAddress Address)> left, List<(int Number, Exception Why)> refused, Func<MimeMessage> compose, CancellationToken cancellation)
    {
        while (left.TryPeek(out var next))
        {
            using var mail = compose();
            using var time = new CancellationTokenSource(left.Count > 1 ? ForOne : ForAll, clock);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellation, time.Token);
            try
            {
                await smtp.SendAsync(mail, from, [next.Address], either.Token).ConfigureAwait(false);
            }
            catch (SmtpCommandException e) when (e.StatusCode != SmtpStatusCode.ServiceNotAvailable)
            {
                refused.Add((next.Number, e));
            }
            // It is not asked for a second time, as others wait. What comes over this connection now may be about anyone.
            catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
            {
                refused.Add((left.Dequeue().Number, new TimeoutException(e.Message, e)));
                return;
            }

            left.Dequeue();
        }

        // The mail is the server's by now; that it hangs up before it is told goodbye changes nothing.
        await smtp.DisconnectAsync(quit: true, cancellation).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private static string? Reason(Exception e) => e switch
    {
        SmtpCommandException said => string.Create(CultureInfo.InvariantCulture, $"the mail server answered {(int)said.StatusCode}"),
        AuthenticationException => "the mail server does not accept the user and password",
        SslHandshakeException => "the mail server's certificate is not trusted, or it has no TLS",
        TimeoutException => "the mail server took too long",
        SocketException or IOException or ProtocolException or NotSupportedException or ServiceNotConnectedException =>
            $"the mail server could not be reached, or broke off ({e.GetType().Name})",
        _ => null,
    };
}
