using System.Diagnostics;
using System.Net.Http.Json;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;

namespace AgentMcp.Faults.Victim;

/// <summary>
/// What the tools of the server under test do to the world: files, pushes and HTTP calls, each of which leaves a trace
/// of its own every time it is done, so that a second time shows.
/// </summary>
internal sealed class Outside(string home, Uri ledger) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = ledger };

    public string Clone => Path.Combine(home, "clone");

    public static Outside FromEnvironment() => new(Variable("FAULTS_WORLD"), new Uri(Variable("FAULTS_LEDGER")));

    /// <summary>Looks and changes nothing.</summary>
    public async Task<string> Look(CancellationToken cancellation) => await _http.GetStringAsync(new Uri("look", UriKind.Relative), cancellation);

    /// <summary>An HTTP call that says under which key it is made. What is done with the key is up to the other side.</summary>
    public Task<JsonText> Post(string kind, ToolCall call, CancellationToken cancellation) => Effect(async () =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri($"effect/{kind}", UriKind.Relative)) { Content = new StringContent(call.Arguments.Text) };
        request.Headers.Add("Idempotency-Key", call.IdempotencyKey);
        request.Headers.Add("Attempt", $"{call.Attempt}");
        using var response = await _http.SendAsync(request, cancellation);
        return await response.EnsureSuccessStatusCode().Content.ReadAsStringAsync(cancellation);
    });

    /// <summary>A new file every time.</summary>
    public Task<JsonText> Write(ToolCall call) => Effect(() =>
    {
        var folder = Directory.CreateDirectory(Path.Combine(home, "files", call.IdempotencyKey.Replace('/', '+'))).FullName;
        File.WriteAllText(Path.Combine(folder, Guid.NewGuid().ToString("N")), call.Arguments.Text);
        return Task.FromResult("written");
    });

    /// <summary>A push of a new ref every time. Its git may outlive this process, as it would anywhere.</summary>
    public Task<JsonText> Push(ToolCall call, CancellationToken cancellation) => Effect(async () =>
    {
        var start = new ProcessStartInfo("git", ["-C", Clone, "push", "--quiet", "origin", $"main:refs/effects/{call.IdempotencyKey}/{Guid.NewGuid():N}"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["FAULTS_CALL"] = call.IdempotencyKey;
        using var git = Process.Start(start)!;
        var error = await git.StandardError.ReadToEndAsync(cancellation);
        await git.WaitForExitAsync(cancellation);
        return git.ExitCode == 0 ? "pushed" : throw new ToolException(error.Split('\n')[0]);
    });

    public void Dispose() => _http.Dispose();

    private static async Task<JsonText> Effect(Func<Task<string>> work)
    {
        Death.At("before effect");
        var done = await work();
        Death.At("after effect");
        return JsonText.Of(done);
    }

    private static string Variable(string name) =>
        Environment.GetEnvironmentVariable(name) ?? throw new InvalidOperationException($"{name} is not set; the sweep starts this program.");
}
