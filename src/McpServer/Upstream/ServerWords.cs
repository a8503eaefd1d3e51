using System.Collections.Concurrent;
using AgentMcp.Agents.Tools;
using AgentMcp.Server.Hosting;

namespace AgentMcp.Server.Upstream;

/// <summary>What a started server says beside the protocol: for the log, and its last lines for who asks why it failed. Thread-safe.</summary>
internal sealed class ServerWords(UpstreamSettings settings)
{
    private const int Kept = 3;
    private const int Longest = 200;
    private readonly ConcurrentQueue<string> _said = new();

    public string Last => _said.IsEmpty ? "" : $"; it said: {string.Join(" / ", _said)}";

    public void Clear() => _said.Clear();

    public string Hear(string line)
    {
        var clean = ErrorText.Cut(Clean(line), Longest);
        if (clean.Length > 0)
        {
            _said.Enqueue(clean);
        }

        while (_said.Count > Kept)
        {
            _said.TryDequeue(out _);
        }

        return clean;
    }

    /// <summary>The first line, without what the configuration holds for the server alone.</summary>
    public string Clean(string text) => settings.Environment.Values.Concat(settings.Headers.Values).Where(value => value.Length > 5)
        .Aggregate(ErrorText.Redacted(settings.Secrets.Of(text.Split('\n')[0].Trim())), (clean, secret) => clean.Replace(secret, KnownSecrets.Gone, StringComparison.Ordinal));
}
