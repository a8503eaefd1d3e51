using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Microagents.Rollback;

namespace AgentMcp.Agents.Microagents.Pipeline;

/// <param name="Tests">How many were run.</param>
/// <param name="AgainAfter">Seconds after which those that fail deserve another try, because a deploy needs time to settle.</param>
public sealed record TestReport(int Tests, IReadOnlyList<FailedTest> Failed, double? AgainAfter = null)
{
    public bool Passed => Failed.Count == 0;
}

/// <summary>Runs checks against a real service. An answer that is wrong, late or missing is a failed test and never an error.</summary>
internal sealed class HttpTests(HttpClient http)
{
    private const int LongestReply = 1 << 20;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public async Task<TestReport> Run(Uri service, IReadOnlyList<Check> checks, InProduction served, CancellationToken cancellation)
    {
        var results = await Task.WhenAll(checks.Select(check => WhyItFails(service, check, served, cancellation))).ConfigureAwait(false);
        return new(checks.Count, [.. checks.Zip(results).Where(one => one.Second is not null).Select(one => new FailedTest(one.First.Name, one.Second!))]);
    }

    private async Task<string?> WhyItFails(Uri service, Check check, InProduction served, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(Patience);
        try
        {
            using var reply = await http.GetAsync(new Uri(service, check.Path), HttpCompletionOption.ResponseHeadersRead, limit.Token).ConfigureAwait(false);
            if ((int)reply.StatusCode != check.Status)
            {
                return $"expected status {check.Status}, got {(int)reply.StatusCode}";
            }

            var expected = check.Contains?.Replace("{backend}", served.Backend?.Sha, StringComparison.Ordinal).Replace("{frontend}", served.Frontend?.Sha, StringComparison.Ordinal);
            return expected is null || (await Body(reply, limit.Token).ConfigureAwait(false)).Contains(expected, StringComparison.Ordinal)
                ? null
                : $"the reply does not contain \"{Readable.FirstLine(expected)}\"";
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return $"no answer within {Patience.TotalSeconds:0} seconds";
        }
        catch (HttpRequestException e)
        {
            return $"no answer: {Readable.FirstLine(e.Message)}";
        }
    }

    private static async Task<string> Body(HttpResponseMessage reply, CancellationToken cancellation)
    {
        await reply.Content.LoadIntoBufferAsync(LongestReply, cancellation).ConfigureAwait(false);
        return await reply.Content.ReadAsStringAsync(cancellation).ConfigureAwait(false);
    }
}
