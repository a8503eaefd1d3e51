using System.Text.RegularExpressions;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Files;

/// <summary>
/// One field of the front matter. A new field is a row of <see cref="All"/> and a class that reads it: the parser, the
/// JSON Schema for editors and the table in docs/agents.md follow the rows.
/// </summary>
/// <param name="Meaning">One line for whoever writes agents; docs/agents.md has it word for word.</param>
/// <param name="Otherwise">What holds when the field is left out; null for a field that must be there.</param>
/// <param name="Schema">JSON Schema of the value.</param>
/// <param name="Read">
/// The agent with this field read. Called only where the file has the field, in the order of the rows, so that a field
/// may look at what those above it have set.
/// </param>
internal sealed partial record Field(string Name, string Meaning, string? Otherwise, string Schema, Func<Microagent, Given, Microagent> Read)
{
    private const string Text = """{"type":"string","minLength":1}""";
    private const string Names = """{"type":"array","items":{"type":"string"}}""";

    public static IReadOnlyList<Field> All { get; } =
    [
        new("name", "letters, digits, `_` and `-`, at most 64", null,
            """{"type":"string","pattern":"^[A-Za-z0-9_-]{1,64}$"}""", (agent, given) => agent with { Name = NameOf(given.Matter) }),
        new("description", "one sentence: the scope", null,
            Text, (agent, given) => agent with { Description = given.Matter.Required("description") }),
        new("input", "what it takes, in short or as JSON Schema (section 4); checked before a thread is created", "`{message}`",
            SchemaFields.Schema, (agent, given) => agent with { Input = SchemaFields.Input(given.Matter) }),
        new("output", "what it gives, in short or as JSON Schema; an end that misses it is a rejected step", "`{message}`",
            SchemaFields.Schema, (agent, given) => agent with { Output = SchemaFields.Of(given.Matter, "output") }),
        new("model", "the model of this agent, as `--model` takes it", "the server's",
            Text, (agent, given) => agent with { Model = ModelOf(given.Matter) }),
        new("tools", "tools, other agents (section 7) and standard intents; an agent with no way to end gets `done_for_now`", "`done_for_now` alone",
            Names, ToolFields.Tools),
        new("gates", "what policy makes of a tool, see below", "what the tool says",
            ToolFields.GateSchema, ToolFields.Gates),
        new("effects", "what a crash may do to tools of MCP servers, such as `{ files.read_file: read_only }`: `read_only`, `idempotent` or `effectful`", "what the server says, if it is trusted",
            ServerFields.EffectSchema, ServerFields.Effects),
        new("limits", "`steps`, `errors_in_row`, `tokens` (in and out, whole thread), `cost` (dollars), `time` (running, such as `30m`), `reply` (tokens of one reply), `tool_output` (characters kept of one result), `depth` (how many agents deep its calls may go); steps, tokens, cost and time count those of the agents it calls", "20, 3, none, none, none, the server's, 100000, 5",
            LimitFields.Schema, (agent, given) => agent with { Limits = LimitFields.Of(given.Matter) }),
        new("answerable_by", "who may answer what this agent asks: `caller` or `human`", "`caller`",
            """{"enum":["caller","human"]}""", PeopleFields.AnswerableBy),
        new("allow", "the roles and principals this agent is there for, such as `[approve, mia]` ([access.md](access.md))", "everybody",
            Names, (agent, given) => agent with { Allow = given.Matter.List("allow") }),
        new("people", "for what this agent asks of people: `responders` (the only ones who may answer), `channels` (through which they are told), `remind_after`, `escalate_to` (a channel) and `escalate_after`, `expires_after`; times as `90s`, `15m`, `4h`, `2d`", "the server's",
            PeopleFields.Schema, PeopleFields.People),
        new("channels", "channels of single intents, such as `{ request_human_input: managers }`", "those of `people`",
            """{"type":"object","additionalProperties":{"type":["string","array"]}}""", PeopleFields.Channels),
        new("changes", "gated tools whose arguments an approver may change", "none",
            Names, PeopleFields.Changes),
        new("schedule", "when it starts by itself: a cron expression such as `\"0 7 * * 1-5\"`, or `{ cron, timezone, input }` ([triggers.md](triggers.md))", "never",
            ScheduleFields.Schema, ScheduleFields.Read),
        new("vars", "variables of the prompt, such as `{ team: payments }`", "none",
            VariableFields.Schema, VariableFields.Check),
        .. ContextFields.All,
    ];

    public static string NameOf(FrontMatter matter) => matter.Required("name") is var name && ToolName().IsMatch(name)
        ? name
        : throw matter.Wrong("name", $"the name '{name}' cannot be a tool name: use letters, digits, _ and -, at most 64");

    private static string? ModelOf(FrontMatter matter) => matter.Text("model") is { Length: > 0 } model && !ModelChoice.IsModel(model)
        ? throw matter.Wrong("model", $"there is no model '{model}'; possible are {ModelChoice.Possible}")
        : matter.Text("model");

    [GeneratedRegex(@"\A[A-Za-z0-9_-]{1,64}\z")]
    private static partial Regex ToolName();
}

/// <summary>What a field may look at.</summary>
/// <param name="Tools">The tools a file may name, agents among them, beside the standard intents.</param>
/// <param name="Broken">Agents there would be, were their own files in order.</param>
/// <param name="Looked">Told of the files that were read beside the agent's own.</param>
internal sealed record Given(FrontMatter Matter, IReadOnlyDictionary<string, Tool> Tools, Action<string>? Looked = null, IReadOnlySet<string>? Broken = null);
