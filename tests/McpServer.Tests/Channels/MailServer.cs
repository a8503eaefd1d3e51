using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Threading.Channels;
using MimeKit;

namespace AgentMcp.Server.Tests.Channels;

/// <summary>A mail server: enough of RFC 5321 and of AUTH to take a mail, over a real connection.</summary>
public sealed class MailServer : IAsyncDisposable
{
    public const string User = "mailer";
    public const string Password = "password-of-the-tests";

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly Channel<Mail> _mails = Channel.CreateUnbounded<Mail>();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _serving;
    private volatile int _stalls;

    public MailServer()
    {
        _listener.Start();
        _serving = Serve();
    }

    /// <summary>What the next recipients are refused with.</summary>
    public System.Collections.Concurrent.ConcurrentQueue<string> Refusals { get; } = new();

    /// <summary>Who is refused every time, and with what.</summary>
    public System.Collections.Concurrent.ConcurrentDictionary<string, string> Refused { get; } = new();

    /// <summary>Who is never answered for.</summary>
    public System.Collections.Concurrent.ConcurrentBag<string> Unanswered { get; } = [];

    /// <summary>What it does with a mail that it has, before it says that it took it.</summary>
    public Task Scan { get; set; } = Task.CompletedTask;

    /// <summary>So often it was asked for an answer that did not come at once.</summary>
    public int Stalls => _stalls;

    /// <summary>After so many mails a connection is ended, as busy servers do.</summary>
    public int MailsOfAConnection { get; set; } = int.MaxValue;

    /// <summary>After so many connections nobody is let in.</summary>
    public int MostConnections { get; set; } = int.MaxValue;

    public int Connections { get; private set; }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public Dictionary<string, string> As(string name, params string[] more)
    {
        Dictionary<string, string> settings = new()
        {
            [$"channels__{name}__type"] = "email",
            [$"channels__{name}__host"] = "127.0.0.1",
            [$"channels__{name}__security"] = "none",
            [$"channels__{name}__port"] = Port.ToString(System.Globalization.CultureInfo.InvariantCulture),
            [$"channels__{name}__user"] = User,
            [$"channels__{name}__password"] = Password,
            [$"channels__{name}__from"] = "AgentMcp <agents@mail.example>",
            [$"channels__{name}__to"] = "Mia <mia@people.example>",
            ["notify"] = name,
        };
        foreach (var setting in more)
        {
            settings[setting.Split('=')[0]] = setting.Split('=')[1];
        }

        return settings;
    }

    /// <summary>Mails that it took and nobody has looked at.</summary>
    public int Waiting => _mails.Reader.Count;

    public async Task<Mail> Next() => await _mails.Reader.ReadAsync(TestContext.Current.CancellationToken).AsTask().WaitAsync(Bench.Patience);

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        _listener.Stop();
        await _serving.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _stop.Dispose();
    }

    private async Task Serve()
    {
        while (!_stop.IsCancellationRequested)
        {
            using var client = await _listener.AcceptTcpClientAsync(_stop.Token);
            Connections++;
            await using var stream = client.GetStream();
            await Talk(stream);
        }
    }

    private async Task Talk(NetworkStream stream)
    {
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var (sender, recipients, known, taken) = ("", new List<string>(), false, 0);
        if (Connections > MostConnections)
        {
            await Say(stream, "421 4.3.2 not now");
            return;
        }

        await Say(stream, "220 mail.example ready");
        while (await reader.ReadLineAsync(_stop.Token) is { } line)
        {
            switch (line.Split([' ', ':'])[0].ToUpperInvariant())
            {
                case "EHLO":
                    await Say(stream, "250-mail.example", "250-AUTH PLAIN", "250 8BITMIME");
                    break;
                case "AUTH":
                    known = line.Split(' ')[^1] == Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{User}\0{Password}"));
                    await Say(stream, known ? "235 welcome" : $"535 no such user {User}");
                    break;
                case "MAIL":
                    sender = line;
                    await Say(stream, known ? "250 ok" : "530 who are you");
                    break;
                case "RCPT" when taken >= MailsOfAConnection:
                    await Say(stream, "421 4.7.0 too many mails over one connection");
                    return;
                case "RCPT" when Refusals.TryDequeue(out var refusal):
                    await Say(stream, refusal);
                    break;
                case "RCPT" when Unanswered.Contains(Address(line)):
                    Interlocked.Increment(ref _stalls);
                    break;
                case "RCPT" when Refused.TryGetValue(Address(line), out var refusal):
                    await Say(stream, refusal);
                    if (refusal.StartsWith("421", StringComparison.Ordinal))
                    {
                        return;
                    }

                    break;
                case "RCPT":
                    recipients.Add(Address(line));
                    await Say(stream, "250 ok");
                    break;
                case "DATA":
                    await Say(stream, "354 go ahead");
                    var mail = await Read(reader);
                    if (!Scan.IsCompleted)
                    {
                        Interlocked.Increment(ref _stalls);
                        await Scan.WaitAsync(_stop.Token);
                    }

                    await Say(stream, "250 queued");
                    taken++;
                    _mails.Writer.TryWrite(new(sender, recipients, mail));
                    (sender, recipients) = ("", []);
                    break;
                case "QUIT":
                    await Say(stream, "221 bye");
                    return;
                default:
                    await Say(stream, "250 ok");
                    break;
            }
        }
    }

    private static string Address(string line) => line[(line.IndexOf('<', StringComparison.Ordinal) + 1)..line.IndexOf('>', StringComparison.Ordinal)];

    private async Task<MimeMessage> Read(StreamReader reader)
    {
        var text = new StringBuilder();
        while (await reader.ReadLineAsync(_stop.Token) is { } line && line != ".")
        {
            text.Append(line.StartsWith('.') ? line[1..] : line).Append("\r\n");
        }

        using var bytes = new MemoryStream(Encoding.Latin1.GetBytes(text.ToString()));
        return await MimeMessage.LoadAsync(bytes, _stop.Token);
    }

    private async Task Say(NetworkStream stream, params string[] lines) => await stream.WriteAsync(Encoding.ASCII.GetBytes(string.Concat(lines.Select(line => line + "\r\n"))), _stop.Token);

    public sealed record Mail(string Sender, IReadOnlyList<string> Recipients, MimeMessage Message)
    {
        public string Id => Message.MessageId!;

        public string Plain => Message.TextBody!.ReplaceLineEndings("\n");

        public string Html => Message.HtmlBody!.ReplaceLineEndings("\n");

        /// <summary>The one link of the mail.</summary>
        public string Link => Plain.Split('\n').Single(line => line.StartsWith("http", StringComparison.Ordinal));
    }
}
