using System.Text.Json;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Microagents.Asking;

/// <summary>
/// Two agents that only ask: software that is no agent of ours puts a question, or an action of its own, before a
/// person. Each is a thread like any other, so the request is stored, told, answered and logged like any other. What
/// was allowed is not run here; whoever asked does that. They take no model, and only a person may answer them.
/// </summary>
public static class AskingAgents
{
    public const string FunctionCall = "function_call";
    public const string HumanContact = "human_contact";

    private const string Options = """
        {"type":"array","minItems":1,"items":{"type":"object","properties":{
          "name":{"type":"string","minLength":1},"title":{"type":"string"},"description":{"type":"string"},"prompt_fill":{"type":"string"},"interactive":{"type":"boolean"}},
          "required":["name"],"additionalProperties":false}}
        """;

    private static readonly JsonText CallSchema = JsonText.Parse($$$"""
        {"type":"object","properties":{"fn":{"type":"string","minLength":1},"kwargs":{"type":"object"},"reject_options":{{{Options}}},"state":{"type":"object"}},
         "required":["fn","kwargs"],"additionalProperties":false}
        """);

    private static readonly JsonText ContactSchema = JsonText.Parse($$$"""
        {"type":"object","properties":{"msg":{"type":"string","minLength":1},"subject":{"type":"string"},"response_options":{{{Options}}},"state":{"type":"object"}},
         "required":["msg"],"additionalProperties":false}
        """);

    private static readonly JsonText AnythingSchema = JsonText.Parse("""{"type":"object"}""");

    private static readonly Done Answered = new("answered", "End with the answer.", AnythingSchema);

    public static IReadOnlyList<Microagent> All { get; } =
    [
        Agent(FunctionCall, "Puts an action of other software before a person, who allows or denies it.", CallSchema,
            new Tool(FunctionCall, "Ask leave for the action.", CallSchema, Effect.ReadOnly, (_, _) => Task.FromResult<ToolOutcome>(new ToolOutcome.Returned(JsonText.Of(true))))
            {
                Route = Route.Approve,
                Preview = (call, _) => Task.FromResult(Leave(call.Arguments)),
            }),
        Agent(HumanContact, "Puts a question of other software before a person.", ContactSchema,
            new Ask(HumanContact, "Ask the question.", ContactSchema, Contact)),
    ];

    /// <summary>What a person is asked to allow: of the first agent the action it was started for, of any other its own.</summary>
    public static (string Fn, JsonText Kwargs) AskedFor(string agent, BoundAction action) =>
        agent == FunctionCall && action.Tool == FunctionCall && action.Arguments.Element() is var asked
            ? (asked.GetProperty("fn").GetString()!, JsonText.From(asked.GetProperty("kwargs")))
            : (action.Tool, action.Arguments);

    public static string? SubjectOf(ThreadStarted start) =>
        start.Agent == HumanContact && start.Input.Element().TryGetProperty("subject", out var subject) ? subject.GetString() : null;

    public static JsonText? StateOf(ThreadStarted start) =>
        start.Agent is HumanContact or FunctionCall && start.Input.Element().TryGetProperty("state", out var state) ? JsonText.From(state) : null;

    /// <summary>What was said of an option; null where nothing was.</summary>
    public static bool? IsInteractive(ThreadStarted start, string option) =>
        start.Agent is HumanContact or FunctionCall
        && start.Input.Element().TryGetProperty(start.Agent == HumanContact ? "response_options" : "reject_options", out var options)
            ? options.EnumerateArray().Where(known => known.GetProperty("name").GetString() == option).Select(known => known.TryGetProperty("interactive", out var interactive) && interactive.GetBoolean()).FirstOrDefault()
            : null;

    private static Microagent Agent(string name, string description, JsonText input, Intent ask) =>
        new(name, description, input, AnythingSchema, "", [ask, Answered], new Limits(Steps: 5), AnswerableBy.Human, Model: "rules", log => Next(name, log))
        {
            IsListed = false,
        };

    // Ask, then end with what was answered to just that: not with leave that was given for anything else.
    private static string Next(string agent, ThreadLog log)
    {
        var kind = agent == FunctionCall ? RequestKind.Approval : RequestKind.Question;
        var asked = log.Events.Select((happened, i) => (Happened: happened, Version: i + 1)).LastOrDefault(e => e.Happened is RequestOpened opened && opened.Kind == kind);
        return asked.Happened is null
            ? Step(agent, writer =>
            {
                foreach (var member in log.Thread.Start.Input.Element().EnumerateObject())
                {
                    member.WriteTo(writer);
                }
            })
            : Step(Answered.Name, writer => Write(writer, agent, log.Thread.Answers.GetValueOrDefault(new RequestId(asked.Version))));
    }

    private static void Write(Utf8JsonWriter writer, string agent, RequestAnswered? answer)
    {
        if (agent == FunctionCall)
        {
            writer.WriteBoolean("approved", answer?.Approved == true);
            writer.WriteString("comment", answer is null ? "Nobody answered in time." : answer.Comment);
            writer.WriteString("reject_option_name", answer?.Response?.AsString());
        }
        else
        {
            writer.WritePropertyName("response");
            writer.WriteRawValue((answer?.Response ?? JsonText.Null).Text);
        }
    }

    private static string Step(string intent, Action<Utf8JsonWriter> arguments) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("intent", intent);
        arguments(writer);
        writer.WriteEndObject();
    }).Text;

    private static Preview Leave(JsonText arguments)
    {
        var asked = arguments.Element();
        // What is bound, shown and approved is the action, not what came along with it.
        var action = JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            foreach (var member in asked.EnumerateObject().Where(member => member.Name is "fn" or "kwargs"))
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        });
        return new(action, $"May {asked.GetProperty("fn").GetString()} be called?", Options: OptionsOf(asked, "reject_options"));
    }

    private static Question Contact(JsonText arguments)
    {
        var asked = arguments.Element();
        return new(asked.GetProperty("msg").GetString()!, asked.TryGetProperty("subject", out var subject) ? subject.GetString() : null,
            Options: OptionsOf(asked, "response_options"));
    }

    private static List<ResponseOption>? OptionsOf(JsonElement asked, string name) => asked.TryGetProperty(name, out var options)
        ? [.. options.EnumerateArray().Select(option => new ResponseOption(option.GetProperty("name").GetString()!, Text(option, "title"), Text(option, "description"), Text(option, "prompt_fill")))]
        : null;

    private static string? Text(JsonElement option, string name) => option.TryGetProperty(name, out var text) ? text.GetString() : null;
}
