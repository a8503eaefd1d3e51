using System.Text.Json;
using AgentMcp.Agents;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tools;

/// <summary>Which agents there are, and what was wrong with those that could not be loaded.</summary>
internal sealed class ListAgentsTool(Core core) : WireTool(new()
{
    Name = "list_agents",
    Title = "list_agents",
    Description = "List the microagents with their input and output schemas. Start one with its own tool or with invoke_agent.",
    InputSchema = FixedThreadTool.ObjectSchema("{}", []),
    OutputSchema = Schema.Element(),
    Annotations = FixedThreadTool.Reads.ToAnnotations(),
    Icons = Icons.Thread,
})
{
    internal static JsonText Schema { get; } = JsonText.Parse("""
        {"type":"object","properties":{"agents":{"type":"array","items":{"type":"object","properties":{
          "name":{"type":"string"},"description":{"type":"string"},"input":{"type":"object"},"output":{"type":"object"}},
          "required":["name","description","input","output"]}},
          "problems":{"type":"array","items":{"type":"string"}},"notes":{"type":"array","items":{"type":"string"}}},"required":["agents","problems","notes"]}
        """);

    protected override Task<CallToolResult> Invoke(RequestContext<CallToolRequestParams> request, Arguments arguments, CancellationToken cancellation)
    {
        var who = Principal.Of(request.User);
        var agents = core.Access.AgentsFor(who);
        return Task.FromResult(Result($"There {(agents.Count == 1 ? "is 1 agent" : $"are {agents.Count} agents")}: {string.Join(", ", agents.Select(agent => agent.Name))}.{(core.Catalog.Problems.Count == 0 || !who.SeesAll ? "" : " Some files could not be loaded; see problems.")}",
            Json(core.Catalog, agents, who)));
    }

    /// <summary>The agents there are for a principal. What is wrong with files names others, and is for whoever runs the server.</summary>
    internal static JsonText Json(MicroagentCatalog catalog, IEnumerable<Microagent> agents, Principal who) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("agents");
        foreach (var agent in agents)
        {
            writer.WriteStartObject();
            writer.WriteString("name", agent.Name);
            writer.WriteString("description", agent.Description);
            writer.WritePropertyName("input");
            writer.WriteRawValue(agent.Input.Text, skipInputValidation: true);
            writer.WritePropertyName("output");
            writer.WriteRawValue(agent.Output.Text, skipInputValidation: true);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        WriteLines("problems", who.SeesAll ? catalog.Problems : []);
        WriteLines("notes", who.SeesAll ? catalog.Notes : []);
        writer.WriteEndObject();

        void WriteLines(string name, IReadOnlyList<string> lines)
        {
            writer.WriteStartArray(name);
            foreach (var line in lines)
            {
                writer.WriteStringValue(line);
            }

            writer.WriteEndArray();
        }
    });
}

/// <summary>The caller's threads, newest first.</summary>
internal sealed class ListThreadsTool(Core core) : WireTool(new()
{
    Name = "list_threads",
    Title = "list_threads",
    Description = "List your threads, newest first. status pending shows everything that waits.",
    InputSchema = FixedThreadTool.ObjectSchema(
        """
        {"status":{"type":"string","enum":["running","pending","completed","failed","cancelled"]},
         "agent":{"type":"string"},
         "kind":{"type":"string","enum":["question","approval","external_result","child","budget","next_step","in_doubt","sleep"]},
         "started_after":{"type":"string","format":"date-time"},"started_before":{"type":"string","format":"date-time"},
         "limit":{"type":"integer","minimum":1,"maximum":200},
         "cursor":{"type":"string","description":"The next_cursor of the page before."}}
        """, []),
    OutputSchema = Schema.Element(),
    Annotations = FixedThreadTool.Reads.ToAnnotations(),
    Icons = Icons.Thread,
})
{
    internal static JsonText Schema { get; } = JsonText.Parse("""
        {"type":"object","properties":{"threads":{"type":"array","items":{"type":"object","properties":{
          "thread_id":{"type":"string"},"agent":{"type":"string"},"status":{"type":"string"},"kind":{"type":["string","null"]},
          "version":{"type":"integer"},"started_at":{"type":"string"},"updated_at":{"type":"string"}},
          "required":["thread_id","agent","status","version","started_at","updated_at"]}},
          "next_cursor":{"type":["string","null"]}},"required":["threads","next_cursor"]}
        """);

    private const int DefaultLimit = 50;

    protected override Task<CallToolResult> Invoke(RequestContext<CallToolRequestParams> request, Arguments a, CancellationToken cancellation)
    {
        var page = core.Host.List(new ThreadFilter(
            core.Access.SightOf(Principal.Of(request.User)), Named<ThreadStatus>(a.Text("status")), a.Text("agent"), Named<RequestKind>(a.Text("kind")),
            Moment(a.Text("started_before")), Moment(a.Text("started_after")), a.Text("cursor") is null ? null : a.Thread("cursor"),
            (int)(a.Number("limit") ?? DefaultLimit)));
        return Task.FromResult(Result(page.Rows.Count == 0 ? "There are no such threads." : $"{page.Rows.Count} threads, newest first.", Json(page)));
    }

    internal static JsonText Json(ThreadPage page) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteStartArray("threads");
        foreach (var row in page.Rows)
        {
            writer.WriteStartObject();
            writer.WriteString("thread_id", row.ThreadId);
            writer.WriteString("agent", row.Agent);
            writer.WriteString("status", row.Status);
            writer.WriteString("kind", row.Kind);
            writer.WriteNumber("version", row.Version);
            writer.WriteString("started_at", DateTimeOffset.FromUnixTimeMilliseconds(row.CreatedAt));
            writer.WriteString("updated_at", DateTimeOffset.FromUnixTimeMilliseconds(row.UpdatedAt));
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteString("next_cursor", page.Next?.Value);
        writer.WriteEndObject();
    });

    internal static T? Named<T>(string? name)
        where T : struct, Enum => name is null ? null : Enum.GetValues<T>().First(value => WireName.Of(value) == name);

    private static DateTimeOffset? Moment(string? text) => text switch
    {
        null => null,
        _ when DateTimeOffset.TryParse(text, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal, out var moment) => moment,
        _ => throw new RefusedException(RefusalCode.InvalidInput, $"'{text}' is not a time. Write it as 2026-05-04T10:00:00Z."),
    };
}
