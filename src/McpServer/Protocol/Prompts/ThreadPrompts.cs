using AgentMcp.State.Json;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Protocol.Prompts;

/// <summary>Slash commands that concern a thread, or an agent by its name. What they can be given is completed: <see cref="Completions"/>.</summary>
internal static class ThreadPrompts
{
    public const string Agent = "agent";
    public const string Thread = "thread_id";
    public const string Request = "request_id";
    private const string Answer = "answer";
    private const string Input = "input";

    public static IEnumerable<WirePrompt> All()
    {
        yield return Make("get_thread", "Say where a thread stands.", [Needed(Thread, "The thread.")],
            given => $"Call the tool get_thread with {Json(given, Thread)}. Tell me in a few words what the thread has done and what it waits for.");
        yield return Make("resume_thread", "Answer what a thread asks.",
            [Needed(Thread, "The thread."), Needed(Answer, "Your answer, in your own words."), new() { Name = Request, Description = "Which request; may be left out while exactly one is open.", Required = false }],
            given => $"""
                My answer to what a thread asks is: {JsonText.Of(given[Answer])}

                Call the tool get_thread with {Json(given, Thread)} to see what it asks. Then call resume_thread with {Json(given, Thread, Request)} and my answer: as approved
                (and comment, if I said more than yes or no) where it asks for approval, as response otherwise. If my answer does not fit what is asked, ask me; do not answer for me.
                """);
        yield return Make("invoke_agent", "Start an agent by its name.",
            [Needed(Agent, "The agent."), Needed(Input, "What it is to do: words, or its input as JSON.")],
            given => $"""
                Call the tool invoke_agent with {Json(given, Agent)} and this input, in the form that list_agents shows for the agent:

                {(JsonText.TryParse(given[Input], out var json) ? json : JsonText.Of(given[Input]))}

                Then do what "next" in its result says. Where it asks something, ask me, and answer it only with what I said.
                """);
    }

    private static WirePrompt Make(string name, string description, PromptArgument[] arguments, Func<IReadOnlyDictionary<string, string>, string> write) =>
        new(new() { Name = name, Title = name, Description = description, Arguments = arguments, Icons = Icons.Thread }, write);

    private static PromptArgument Needed(string name, string description) => new() { Name = name, Description = description, Required = true };

    private static JsonText Json(IReadOnlyDictionary<string, string> given, params string[] names) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        foreach (var name in names.Where(given.ContainsKey))
        {
            writer.WriteString(name, given[name]);
        }

        writer.WriteEndObject();
    });
}
