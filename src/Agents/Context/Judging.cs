using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Context;

/// <summary>Which steps wait for a judge, what the judge is shown, and what its verdict leads to. Pure.</summary>
internal static class Judging
{
    private const int MostObjections = 2;

    /// <summary>The form of a verdict, checked like a step.</summary>
    private static readonly Tool Form = new("judge", "Say whether the step may be taken.", JsonText.Parse(
        """{"type":"object","properties":{"verdict":{"enum":["pass","fail"]},"reason":{"type":"string","minLength":1}},"required":["verdict","reason"],"additionalProperties":false}"""),
        Effect.ReadOnly, (_, _) => throw new InvalidOperationException("A verdict is read and never run."));

    public static bool IsAwaited(Microagent agent, Call call) =>
        call.Judged is null && agent.Context.Judge is { } judge && agent.Find(call.Intent) is { } intent && judge.Judges(intent);

    /// <summary>Without a verdict nothing but a look happens unasked.</summary>
    public static Intent? Routed(Intent? intent, Call call) =>
        call.Judged == Verdict.None && intent is Tool { Effect: not Effect.ReadOnly, Route: Route.Run } tool ? tool with { Route = Route.Approve } : intent;

    /// <summary>What a person is asked when the judge turned down too many steps in a row; null while it did not.</summary>
    public static OpenARequest? Stuck(AgentThread thread, IEnumerable<ThreadEvent> log, Microagent agent, PeoplePolicy by, DateTimeOffset now) =>
        thread.Objections.Count < MostObjections ? null : by.Ask(new(now, RequestKind.Question,
            $"The judge turned down {thread.Objections.Count} steps of {agent.Name} in a row. What should it do?",
            string.Join("\n", thread.Objections.Select((objection, i) => $"{i + 1}. {Step((StepChosen)log.ElementAt(objection.Call.Version - 1))}: {objection.Reason}"))));

    public static Microagent As(Microagent agent, Judge judge) =>
        agent with { Prompt = judge.Prompt, Model = judge.Model ?? agent.Model, Intents = [Form], Rules = null, Context = new() };

    /// <summary>What the judge was, or is to be, asked about the step that was chosen at the end of this log.</summary>
    public static Prompt Prompt(Microagent agent, Judge judge, IReadOnlyList<ThreadEvent> log, CallId call)
    {
        var step = (StepChosen)log[call.Version - 1];
        var schema = StepSchema.Of([Form]);
        return new(judge.Prompt, $"""
            {string.Join("\n\n", Blocks.Of([.. log.Take(call.Version - 1)], agent.Context))}

            <proposed_step>
            intent: {step.Intent}
            {Yaml.Of(JsonText.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WritePropertyName("arguments");
                writer.WriteRawValue(step.Arguments.Text);
                writer.WriteEndObject();
            }))}
            </proposed_step>

            May this step be taken? Reply with exactly one JSON object and nothing else. It must match this JSON Schema:
            {schema}
            """.ReplaceLineEndings("\n"), schema);
    }

    public static Judgement Read(SideReply reply)
    {
        var said = reply.Answer?.Element();
        return said is { } verdict
            ? new(verdict.GetProperty("verdict").ValueEquals("pass") ? Verdict.Pass : Verdict.Fail, verdict.GetProperty("reason").GetString()!)
            : new(Verdict.None, reply.Problem!);
    }

    private static string Step(StepChosen step) => $"{step.Intent} {ErrorText.Cut(step.Arguments.Text, 300)}";
}
