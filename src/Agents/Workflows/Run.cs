using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Workflows;

/// <summary>
/// What a workflow does goes through here: each operation is written to the log before it is done, and is returned from
/// there when the code is run again. Used from the workflow's own code only, never from inside a step.
/// </summary>
public sealed class Run
{
    private readonly Execution _execution;
    private int _ids;

    internal Run(Execution execution) => _execution = execution;

    public ThreadId Thread => _execution.Thread;

    /// <summary>When what was awaited last had happened: the same whenever the code is run again.</summary>
    public DateTimeOffset Now => _execution.Now;

    /// <summary>An id that is new here, and the same whenever the code is run again.</summary>
    public Guid NewId() => new(SHA256.HashData(Encoding.UTF8.GetBytes(FormattableString.Invariant($"{_execution.Seed}/{_ids++}"))).AsSpan(0, 16));

    /// <summary>Runs software once. Its result is stored as JSON and is what the code gets, also the first time.</summary>
    /// <param name="effect">What a crash between its start and its end means: a doubt, or another attempt under the same key.</param>
    /// <param name="timeout">How long one attempt may take; 60 seconds if not said.</param>
    /// <exception cref="StepFailedException">The work threw; the message is its first line.</exception>
    public async Task<T> Step<T>(
        string name, Effect effect, Func<ToolCall, CancellationToken, Task<T>> work, TimeSpan? timeout = null, int attempts = 3, PeoplePolicy? people = null)
    {
        var tool = new Tool(name, "", Microagent.MessageSchema, effect, async (call, cancellation) =>
        {
            Pump.EnterStep();
            return new ToolOutcome.Returned(Kept(name, effect, TypedJson.Write(await work(call, cancellation).ConfigureAwait(false))));
        })
        {
            Timeout = timeout ?? TimeSpan.FromSeconds(60),
            Attempts = attempts,
            People = people ?? new(),
            Result = TypedJson.LateSchemaOf<T>(),
        };
        return await Read<T>(tool, await Do(new(name, tool, NoArguments)).ConfigureAwait(false)).ConfigureAwait(false);
    }

    /// <inheritdoc cref="Step{T}"/>
    public Task Step(string name, Effect effect, Func<ToolCall, CancellationToken, Task> work, TimeSpan? timeout = null, int attempts = 3, PeoplePolicy? people = null) =>
        Step(name, effect, async (call, cancellation) =>
        {
            await work(call, cancellation).ConfigureAwait(false);
            return JsonText.Null;
        }, timeout, attempts, people);

    /// <summary>Calls another agent: a thread of its own, started once, whose output this is.</summary>
    /// <exception cref="StepFailedException">It failed, was cancelled, or could not be called.</exception>
    public async Task<T> Agent<T>(string name, object input)
    {
        var tool = AgentAsTool.Of(name, "", Microagent.MessageSchema);
        return await Read<T>(tool, await Do(new(name, tool, TypedJson.Write(input))).ConfigureAwait(false), isDeed: false).ConfigureAwait(false);
    }

    /// <inheritdoc cref="Agent{T}"/>
    public Task<JsonText> Agent(string name, object input) => Agent<JsonText>(name, input);

    /// <summary>Calls a tool of another MCP server, or an agent of another AgentMcp, that the workflow was given by <see cref="Workflow.With"/>. Its gate is asked first.</summary>
    /// <exception cref="StepFailedException">It failed, or was not approved; the message says why.</exception>
    /// <exception cref="ArgumentException">There is no such tool, or the arguments do not fit it.</exception>
    public async Task<T> Tool<T>(string name, object arguments)
    {
        var (tool, given) = (_execution.Agent.FindTool(name), TypedJson.Write(arguments));
        if ((tool is null ? "it was not given to this workflow; name it with Workflow.With" : JsonSchemas.Violation(tool.Arguments, given)) is { } problem)
        {
            throw new ArgumentException($"'{name}' cannot be called: {problem}", nameof(name));
        }

        var ending = await Do(new(name, tool! with { Result = TypedJson.LateSchemaOf<T>() }, given)).ConfigureAwait(false);
        return ending.Result is not null ? await Read<T>(tool!, ending).ConfigureAwait(false)
            : throw new StepFailedException(name, ending.Answer is { } no ? $"it was not approved: {Words(no, tool!.RejectOptions) ?? "no comment given"}" : "nobody answered before the request expired");
    }

    /// <inheritdoc cref="Tool{T}"/>
    public Task<JsonText> Tool(string name, object arguments) => Tool<JsonText>(name, arguments);

    /// <summary>Asks a person. Without a schema of its own the type is the schema, so words where it is a string.</summary>
    /// <exception cref="StepFailedException">It expired without an answer.</exception>
    public async Task<T> Ask<T>(
        string question, string? context = null, IReadOnlyList<ResponseOption>? options = null, JsonText? schema = null, PeoplePolicy? people = null)
    {
        var ask = new Ask("ask", "", Microagent.MessageSchema, _ => new(question, context, schema ?? TypedJson.SchemaOf<T>(), options)) { People = people ?? new() };
        var ending = await Do(new(ask.Name, ask, Arguments(("question", JsonText.Of(question))))).ConfigureAwait(false);
        return await Read<T>(ask, new(ending.Answer?.Response ?? ending.Result ?? JsonText.Null)).ConfigureAwait(false);
    }

    /// <inheritdoc cref="Ask{T}"/>
    public Task<string> Ask(string question, string? context = null, IReadOnlyList<ResponseOption>? options = null, PeoplePolicy? people = null) =>
        Ask<string>(question, context, options, options is null ? null : JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteStartArray("enum");
            options.ToList().ForEach(option => writer.WriteStringValue(option.Name));
            writer.WriteEndArray();
            writer.WriteEndObject();
        }), people);

    /// <summary>Asks a person for leave to do exactly this. Nothing is done yet; the step that follows does it.</summary>
    /// <param name="arguments">What is bound by the digest that is shown.</param>
    public async Task<Approval> Approve(
        string action, object arguments, string question, string? context = null, IReadOnlyList<ResponseOption>? rejectOptions = null, PeoplePolicy? people = null)
    {
        var asked = TypedJson.Write(arguments);
        var tool = new Tool(action, "", Microagent.MessageSchema, Effect.ReadOnly, (call, _) => Task.FromResult<ToolOutcome>(new ToolOutcome.Returned(call.Arguments)))
        {
            Route = Route.Approve,
            Preview = (call, _) => Task.FromResult(new Preview(call.Arguments, question, context)),
            RejectOptions = rejectOptions,
            People = people ?? new(),
        };
        var ending = await Do(new(action, tool, asked)).ConfigureAwait(false);
        return new(ending.Result is not null, ending.Result ?? asked, Words(ending.Answer, rejectOptions), ending.Answer?.By);
    }

    /// <summary>Waits, through restarts, and holds nothing meanwhile. Somebody may end it early.</summary>
    public Task Sleep(TimeSpan duration) => Sleeping("seconds", duration.TotalSeconds.ToString(CultureInfo.InvariantCulture), chosen => chosen + duration);

    /// <inheritdoc cref="Sleep"/>
    public Task SleepUntil(DateTimeOffset time) => Sleeping("until", JsonSerializer.Serialize(time), _ => time);

    /// <summary>Runs branches side by side, and ends when all have; what the first of those that failed threw is thrown then.</summary>
    public async Task<T[]> All<T>(params IEnumerable<Func<Task<T>>> branches)
    {
        _execution.MustBeInside("all");
        return await Task.WhenAll(branches.Select(branch => branch()).ToList()).ConfigureAwait(false);
    }

    /// <inheritdoc cref="All{T}"/>
    public async Task All(params IEnumerable<Func<Task>> branches)
    {
        _execution.MustBeInside("all");
        await Task.WhenAll(branches.Select(branch => branch()).ToList()).ConfigureAwait(false);
    }

    /// <summary>
    /// Whether this thread takes a change that was made here: false for one that was past this place before the change
    /// was made, true for every other, now and whenever the code is run again.
    /// </summary>
    public async Task<bool> Changed(string change)
    {
        var name = $"changed:{change}";
        var marker = new Tool(name, "", Microagent.MessageSchema, Effect.ReadOnly, (_, _) => Task.FromResult<ToolOutcome>(new ToolOutcome.Returned(JsonText.Of(true))));
        return await Read<bool>(marker, await Do(new(name, marker, NoArguments) { IsMarker = true }).ConfigureAwait(false)).ConfigureAwait(false);
    }

    private static JsonText NoArguments { get; } = JsonText.Parse("{}");

    private async Task<Ending> Do(Operation operation)
    {
        _execution.Issue(operation);
        var ending = await operation.Ending.ConfigureAwait(false);
        return ending.Error is { } error ? throw new StepFailedException(operation.Name, error) : ending;
    }

    private Task<Ending> Sleeping(string name, string value, Func<DateTimeOffset, DateTimeOffset> wakes) =>
        Do(new("sleep", new Sleep("sleep", "", Microagent.MessageSchema), Arguments((name, JsonText.Parse(value))), wakes));

    // What may have had an effect is not to be tried again for that: it has ended, and what is too large is cut where it is stored.
    private JsonText Kept(string name, Effect effect, JsonText result) => effect != Effect.ReadOnly || result.Text.Length <= _execution.Agent.Limits.ToolOutput ? result : throw new ToolException(
        $"{name} ran, but its result has {result.Text.Length} characters and at most {_execution.Agent.Limits.ToolOutput} are kept; return less, or where it is");

    // What an agent has done it has done as calls of its own, and what it says of it another try may say better.
    private Task<T> Read<T>(Intent of, Ending ending, bool isDeed = true)
    {
        // What has had its effect would be tried again as a failure, so the code gets nothing until it can read it, whatever its
        // type makes of it; also where the log goes on: nobody knows whether as after a result or as after a failure.
        var isDone = isDeed && of is Tool { Effect: not Effect.ReadOnly };
        if (isDone && ending.Result is { } result && ToolRunner.Cut(result) is { } cut && TypedJson.LateSchemaOf<T>() is not null)
        {
            return _execution.Misread<T>($"'{of.Name}' was done, but its result is too large to be kept: {cut.TrimEnd('.')}");
        }

        try
        {
            return Task.FromResult(TypedJson.Read<T>(ending.Result ?? JsonText.Null));
        }
        catch (Exception e) when (isDone)
        {
            return _execution.Misread<T>($"'{of.Name}' was done, but its result is no {typeof(T).Name}: {e.Message.TrimEnd('.')}");
        }
        catch (JsonException e)
        {
            throw new StepFailedException(of.Name, $"its result is no {typeof(T).Name}: {e.Message}");
        }
    }

    private static string? Words(RequestAnswered? answer, IReadOnlyList<ResponseOption>? options)
    {
        var prepared = options?.FirstOrDefault(option => option.Name == answer?.Response?.AsString());
        return string.Join(' ', new[] { prepared?.PromptFill ?? prepared?.Title ?? prepared?.Name, answer?.Comment }.OfType<string>()) is { Length: > 0 } said ? said : null;
    }

    private static JsonText Arguments(params ReadOnlySpan<(string Name, JsonText Value)> members)
    {
        var all = members.ToArray();
        return JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            Array.ForEach(all, member =>
            {
                writer.WritePropertyName(member.Name);
                writer.WriteRawValue(member.Value.Text);
            });
            writer.WriteEndObject();
        });
    }
}
