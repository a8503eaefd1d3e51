using System.Text.Json;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using static ModelContextProtocol.Protocol.ElicitRequestParams;

namespace AgentMcp.ConformanceFixtures;

/// <summary>Tools that show the client a form while they are called, in sessions.</summary>
internal static class FormTools
{
    public static IEnumerable<McpServerTool> All()
    {
        yield return Fixtures.Tool("test_elicitation", "Asks who somebody is.", async (string message, McpServer server, CancellationToken cancellation) =>
            Said("User response", await Ask(server, message, new()
            {
                ["username"] = new StringSchema { Description = "User's response" },
                ["email"] = new StringSchema { Description = "User's email address" },
            }, ["username", "email"], cancellation).ConfigureAwait(false)));

        yield return Fixtures.Tool("test_elicitation_sep1034_defaults", "Asks with defaults.", async (McpServer server, CancellationToken cancellation) =>
            Said("Elicitation completed", await Ask(server, "Are these right?", new()
            {
                ["name"] = new StringSchema { Default = "John Doe" },
                ["age"] = new NumberSchema { Type = "integer", Default = 30 },
                ["score"] = new NumberSchema { Default = 95.5 },
                ["status"] = new UntitledSingleSelectEnumSchema { Enum = ["active", "inactive", "pending"], Default = "active" },
                ["verified"] = new BooleanSchema { Default = true },
            }, [], cancellation).ConfigureAwait(false)));

        yield return Fixtures.Tool("test_elicitation_sep1330_enums", "Asks with every kind of choice.", async (McpServer server, CancellationToken cancellation) =>
            Said("Elicitation completed", await Ask(server, "Choose", new()
            {
                ["untitledSingle"] = new UntitledSingleSelectEnumSchema { Enum = ["option1", "option2", "option3"] },
                ["titledSingle"] = new TitledSingleSelectEnumSchema { OneOf = Titled("First Option", "Second Option", "Third Option") },
                ["legacyEnum"] = new LegacyTitledEnumSchema { Enum = ["opt1", "opt2", "opt3"], EnumNames = ["Option One", "Option Two", "Option Three"] },
                ["untitledMulti"] = new UntitledMultiSelectEnumSchema { Items = new() { Enum = ["option1", "option2", "option3"] } },
                ["titledMulti"] = new TitledMultiSelectEnumSchema { Items = new() { AnyOf = Titled("First Choice", "Second Choice", "Third Choice") } },
            }, [], cancellation).ConfigureAwait(false)));
    }

    private static ValueTask<ElicitResult> Ask(McpServer server, string message, Dictionary<string, PrimitiveSchemaDefinition> fields, string[] required, CancellationToken cancellation) =>
        server.ElicitAsync(new() { Message = message, RequestedSchema = new() { Properties = fields, Required = required.Length == 0 ? null : required } }, cancellation);

    private static List<EnumSchemaOption> Titled(params string[] titles) => [.. titles.Select((title, i) => new EnumSchemaOption { Const = $"value{i + 1}", Title = title })];

    private static CallToolResult Said(string what, ElicitResult result) =>
        Fixtures.Text($"{what}: action={result.Action}, content={JsonSerializer.Serialize(result.Content ?? new Dictionary<string, JsonElement>())}");
}
