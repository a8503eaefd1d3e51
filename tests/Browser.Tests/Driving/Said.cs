using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Browser.Tests.Driving;

/// <summary>A text as everything that anybody can say in a thread, and in the file of an agent.</summary>
internal static class Said
{
    private static readonly DateTimeOffset At = DateTimeOffset.UtcNow;

    /// <summary>A thread that has ended with it, and been spoken to and ended again.</summary>
    public static ThreadEvent[] InAThread(string text)
    {
        var words = JsonText.Of(text);
        var value = JsonText.Parse($$"""{"message":{{words.Text}},"list":[{{words.Text}}],{{words.Text}}:1}""");
        return
        [
            new ThreadStarted(At, "calculator", "sha256:none", value, text, text, "message_received"),
            Step("multiply", value), new ToolStarted(At, new(2), 1), new ToolReturned(At, new(2), value),
            new Fetched(At, "multiply", value, null, text),
            Step("multiply", value), new ToolStarted(At, new(6), 1), new ToolFailed(At, new(6), text),
            Step("divide", value), new StepJudged(At, new(9), Verdict.Fail, text, text),
            new StepRejected(At, text, text, text),
            Step("divide", value), new RequestOpened(At, RequestKind.Approval, text, text, Options: [new("one", text, text)], Action: ActionDigest.Bind("divide", value), Responders: [text]),
            new DeliveryFailed(At, new(13), text, text), new AnswerRefused(At, new(13), text, text, text),
            new RequestAnswered(At, new(13), text, text, Approved: false, Comment: text),
            new Summarised(At, 9, 16, text, text),
            Step("done_for_now", value), new ThreadCompleted(At, value),
            new MessageReceived(At, words, text, text), new ThreadFailed(At, text),
        ];

        StepChosen Step(string intent, JsonText arguments) => new(At, intent, arguments, text);
    }

    /// <summary>An agent that is described with it, one whose name it would be, and one whose prompt it breaks.</summary>
    public static void InAgentFiles(string text, string folder)
    {
        var quoted = JsonText.Of(text).Text;
        // Two braces begin a variable, and there is none of that name.
        var prompt = text.Replace("{{", "{ {", StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(folder, "clerk.agent.md"), $"---\nname: clerk\ndescription: {quoted}\ntools: [multiply, done_for_now]\n---\n{prompt}\n");
        File.WriteAllText(Path.Combine(folder, "named.agent.md"), $"---\nname: {quoted}\ndescription: An agent of the tests.\n{quoted}: 1\n---\nAdd.\n");
        File.WriteAllText(Path.Combine(folder, "<b id=injected>&\u202Egnp.agent.md"), $"---\nname: other\ndescription: An agent of the tests.\n---\n{text} {{{{{prompt}}}}}\n");
    }
}
