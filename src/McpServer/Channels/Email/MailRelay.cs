using System.Globalization;
using System.Net.Sockets;
using MailKit;
using MailKit.Net.Smtp;
using MailKit.Security;
using MimeKit;

namespace AgentMcp.Server.Channels.Email;

/// <summary>The mail server of a channel. What it says may quote an address, so only its number is told.</summary>
internal sealed class MailRelay(string host, int port, SecureSocketOptions security, (string User, string Password)? login)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    /// <summary>Hands over a mail for each of these people.</summary>
    /// <returns>Who is not told, by their number, and why. Tried again, all others would be told each time.</returns>
    /// <exception cref="DeliveryException">Nobody was told.</exception>
    public async Task<IReadOnlyList<(int Number, string Why)>> Send(MailboxAddress from, IReadOnlyList<MailboxAddress> to, Func<MimeMessage> compose, CancellationToken cancellation)
    {
        var left = new Queue<(int Number, MailboxAddress Address)>(to.Select((address, i) => (i + 1, address)));
        List<(int Number, Exception Why)> refused = [];
        while (left.Count > 0)
        {
            var before = left.Count;
            try
            {
                await OverOneConnection(from, left, refused, compose, cancellation).ConfigureAwait(false);
            }
            catch (Exception e) when (Reason(e) is not null)
            {
                // Many servers take only so many mails over one connection. One that took none is away.
                if (left.Count == before)
                {
                    refused.AddRange(left.Select(one => (one.Number, e)));
                    break;
                }
            }
        }

        return refused.Count < to.Count ? [.. refused.Select(one => (one.Number, Reason(one.Why)!))]
            : throw new DeliveryException(Reason(refused[^1].Why)!, cause: refused[^1].Why);
    }

    // Whoever is told, or refused for who they are, is no longer left.
    private async Task OverOneConnection(
        MailboxAddress from, Queue<(int Number, MailboxAddress Address)> left, List<(int Number, Exception Why)> refused, Func<MimeMessage> compose, CancellationToken cancellation)
    {
        using var smtp = new SmtpClient { Timeout = (int)Patience.TotalMilliseconds };
        await smtp.ConnectAsync(host, port, security, cancellation).ConfigureAwait(false);
        if (login is var (user, password))
        {
            await smtp.AuthenticateAsync(user, password, cancellation).ConfigureAwait(false);
        }

        while (left.TryPeek(out var next))
        {
            using var mail = compose();
            try
            {
                await smtp.SendAsync(mail, from, [next.Address], cancellation).ConfigureAwait(false);
            }
            catch (SmtpCommandException e) when (e.StatusCode != SmtpStatusCode.ServiceNotAvailable)
            {
                refused.Add((next.Number, e));
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
        SocketException or IOException or ProtocolException or TimeoutException or NotSupportedException or ServiceNotConnectedException =>
            $"the mail server could not be reached, or broke off ({e.GetType().Name})",
        _ => null,
    };
}
