using System.CommandLine;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Cli;

/// <summary>Where a thread stands, in words and with the command that takes it further, or in JSON as on the wire.</summary>
internal static class ThreadView
{
    public static void Show(Core core, Screen screen, ParseResult parsed, ThreadLog log)
    {
        if (screen.WantsJson)
        {
            Screen.Json(ThreadResult.Of(core, log));
            return;
        }

        var tip = core.Host.Chain(log)[^1].Thread;
        screen.Line(NextMove.Sentence(log.Thread, tip), ToneOf(log.Thread.Status));
        foreach (var open in tip.OpenRequests)
        {
            Request(screen, open.Asked.Context, open.Asked.Options);
        }

        if (log.Thread.State is ThreadState.Completed done && !HasMessageOnly(done.Output))
        {
            screen.Block(done.Output.Text);
        }

        screen.Line($"Thread: {log.Thread.Id}", Tone.Dim);
        foreach (var line in HowToGoOn(log.Thread, tip, SharedOptions.Given(parsed)))
        {
            screen.Line(line);
        }
    }

    /// <summary>What is asked, below the sentence that holds the question.</summary>
    public static void Request(Screen screen, string? context, IReadOnlyList<ResponseOption>? options)
    {
        if (context is { Length: > 0 })
        {
            screen.Line();
            screen.Block(context.Replace("**", "", StringComparison.Ordinal));
        }

        foreach (var option in options ?? [])
        {
            screen.Line($"  {option.Name}{(option.Title is null ? "" : $": {option.Title}")}{(option.Description is null ? "" : $". {option.Description}")}");
        }

        screen.Line();
    }

    public static Tone ToneOf(ThreadStatus status) => status switch
    {
        ThreadStatus.Completed => Tone.Good,
        ThreadStatus.Pending => Tone.Wait,
        ThreadStatus.Failed => Tone.Bad,
        ThreadStatus.Cancelled => Tone.Dim,
        _ => Tone.Strong,
    };

    private static IEnumerable<string> HowToGoOn(AgentThread thread, AgentThread tip, IEnumerable<string> settings)
    {
        var id = string.Join(' ', [thread.Id.Value, .. settings]);
        var answer = $"agentmcp answer {id}";
        return tip.State switch
        {
            ThreadState.Waiting { Request.Asked: { Kind: RequestKind.Sleep, DueAt: { } due } } =>
                [$"It goes on by itself at {due:yyyy-MM-dd HH:mm:ss}Z when a server (agentmcp stdio or http) is running."],
            ThreadState.Waiting { Request.Asked.Kind: RequestKind.Approval } =>
                ["Answer it with one of:", $"  {answer} --approve", $"  {answer} --reject \"why, or what to do instead\""],
            ThreadState.Waiting { Request.Asked.Kind: RequestKind.Budget } =>
                ["Answer it with one of:", $"  {answer} --approve", $"  {answer} --reject", $"  {answer} --response \"go on, but ...\""],
            ThreadState.Waiting { Request.Asked.Kind: RequestKind.InDoubt } =>
                ["Answer it with one of:", .. InDoubtAnswer.Options.Select(option => $"  {answer} --response {option.Name}")],
            ThreadState.Waiting { Request.Asked.Kind: RequestKind.NextStep } =>
                ["Read what a model would be told, and answer with the step you choose:", $"  agentmcp show {string.Join(' ', [tip.Id.Value, .. settings])} --prompt {tip.Version + 1}", $"  {answer} --response '{{\"intent\": ...}}'"],
            ThreadState.Waiting => ["Answer it with:", $"  {answer} --response \"...\""],
            ThreadState.Completed or ThreadState.Failed or ThreadState.Cancelled when tip.Id == thread.Id => [],
            _ => ["It goes on when a server (agentmcp stdio or http) is running on this database."],
        };
    }

    private static bool HasMessageOnly(JsonText output) =>
        output.Element() is { ValueKind: System.Text.Json.JsonValueKind.Object } o && o.EnumerateObject().Count() == 1
            && o.TryGetProperty("message", out var message) && message.ValueKind == System.Text.Json.JsonValueKind.String;
}
