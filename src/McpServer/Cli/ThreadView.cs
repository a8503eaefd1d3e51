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

        var waiting = new WaitingFor(core.Host.Chain(log));
        screen.Line(NextMove.Sentence(waiting), ToneOf(log.Thread.Status));
        if (waiting.First is { } first)
        {
            Request(screen, first.Open.Asked.Context, first.Open.Asked.Options);
        }

        if (log.Thread.State is ThreadState.Completed done && !HasMessageOnly(done.Output))
        {
            screen.Block(done.Output.Text);
        }

        screen.Line($"Thread: {log.Thread.Id}", Tone.Dim);
        foreach (var line in HowToGoOn(waiting, SharedOptions.Given(parsed)))
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
            screen.Line($"  {option.Name}{(option.Title is null ? "" : $": {option.Title}")}{(option.Description is null ? "" : $". {option.Description}")}".ReplaceLineEndings(" "));
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

    private static IEnumerable<string> HowToGoOn(WaitingFor waiting, IEnumerable<string> given)
    {
        List<string> settings = [.. given];
        var answer = $"agentmcp answer {string.Join(' ', [waiting.Thread.Id.Value, .. settings])}";
        return waiting switch
        {
            { Answerable.Count: > 1 } => ["Answer each by its id, with --approve, --reject or --response:",
                .. waiting.Answerable.SelectMany(asking => new[] { $"  {asking.Open.Asked.Question.ReplaceLineEndings(" ")}", $"  {answer} --request {asking.Id}" })],
            { First: { } first } when !waiting.Thread.IsFinal => HowToAnswer(first, answer, settings),
            { Chain.Count: 1, Thread.IsFinal: true } => [],
            _ => ["It goes on when a server (agentmcp stdio or http) is running on this database."],
        };
    }

    private static IEnumerable<string> HowToAnswer(Asking asking, string answer, IEnumerable<string> settings) => asking.Open.Asked switch
    {
        { Kind: RequestKind.Sleep, DueAt: { } due } => [$"It goes on by itself at {due:yyyy-MM-dd HH:mm:ss}Z when a server (agentmcp stdio or http) is running."],
        { Kind: RequestKind.Approval } => ["Answer it with one of:", $"  {answer} --approve", $"  {answer} --reject \"why, or what to do instead\""],
        { Kind: RequestKind.Budget } => ["Answer it with one of:", $"  {answer} --approve", $"  {answer} --reject", $"  {answer} --response \"go on, but ...\""],
        { Kind: RequestKind.InDoubt } => ["Answer it with one of:", .. InDoubtAnswer.Options.Select(option => $"  {answer} --response {option.Name}")],
        { Kind: RequestKind.NextStep } => ["Read what a model would be told, and answer with the step you choose:",
            $"  agentmcp show {string.Join(' ', [asking.Log.Thread.Id.Value, .. settings])} --prompt {asking.Log.Thread.Version + 1}", $"  {answer} --response '{{\"intent\": ...}}'"],
        _ => ["Answer it with:", $"  {answer} --response \"...\""],
    };

    private static bool HasMessageOnly(JsonText output) =>
        output.Element() is { ValueKind: System.Text.Json.JsonValueKind.Object } o && o.EnumerateObject().Count() == 1
            && o.TryGetProperty("message", out var message) && message.ValueKind == System.Text.Json.JsonValueKind.String;
}
