using System.Text.Json;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Protocol.Pause;

/// <summary>
/// A request as the form of an elicitation, and the form filled in as an answer. MCP forms are flat: a schema that is
/// not is asked for as JSON in one field. Nothing is filled in beforehand, so that nobody says yes by pressing enter.
/// Pure.
/// </summary>
internal static class ElicitationForm
{
    /// <summary>Whether a person can answer it in a form: not a result that software delivers, nor a step of the model.</summary>
    public static bool IsFor(RequestOpened asked) =>
        asked.Kind is RequestKind.Approval or RequestKind.Question or RequestKind.Budget or RequestKind.InDoubt;

    /// <param name="protocol">The version of the client, which decides what a form may hold.</param>
    public static ElicitRequestParams Of(string agent, RequestOpened asked, string? protocol)
    {
        var fields = For(asked, FormDialect.Of(protocol)).Fields;
        return new()
        {
            Message = FormText.Of(agent, asked),
            RequestedSchema = new()
            {
                Properties = fields.ToDictionary(field => field.Name, field => field.Definition),
                Required = fields.Where(field => field.Required).Select(field => field.Name).ToList() is { Count: > 0 } required ? required : null,
            },
        };
    }

    /// <summary>Null when it is no answer: declined, cancelled, or not what the form asks for.</summary>
    public static FormAnswer? Read(RequestOpened asked, ElicitResult filled, string? protocol)
    {
        var form = For(asked, FormDialect.Of(protocol));
        var content = filled.Content ?? new Dictionary<string, JsonElement>();
        return filled.IsAccepted && form.Fields.All(field => field.IsFilledBy(content))
            ? form.Read(new([.. form.Fields.Where(field => field.IsSaidIn(content)).Select(field => (field.Name, content[field.Name]))]))
            : null;
    }

    private static Form For(RequestOpened asked, FormDialect dialect) => asked switch
    {
        { Kind: RequestKind.Approval or RequestKind.Budget } => new(
            [
                new("approve", new ElicitRequestParams.BooleanSchema { Title = "Approve", Description = "Yes approves exactly what is shown; no rejects it." }, Required: true),
                FormField.Text("comment", "Comment", "Why, or what should be done instead. The agent reads it.", required: false),
                .. asked is { Kind: RequestKind.Approval, Options: { Count: > 0 } reasons }
                    ? new[] { FormField.Choice("reason", "Reason to reject", reasons, dialect, required: false) } : [],
                .. asked.Changes is { } changes
                    ? new[] { FormField.Text("arguments", "Other arguments", $"Only to approve something else than what is shown: JSON that fits this schema: {changes}", required: false) } : [],
            ],
            Verdict),

        { Kind: RequestKind.InDoubt } => new(
            [
                FormField.Choice("outcome", "What became of it", InDoubtAnswer.Options, dialect, required: true),
                FormField.Text("result", "Result", "What it returned, if it happened: text or JSON.", required: false),
            ],
            said => new(Response: Outcome(said.Words("outcome")!, said.Words("result")))),

        { Options: { Count: > 0 } options, Schema: null } => new(
            [
                FormField.Choice("answer", "Answer", options, dialect, required: false),
                FormField.Text("other", "Something else", "Your own words instead.", required: false),
            ],
            said => (said.Words("other") ?? said.Words("answer")) is { } words ? new(Response: JsonText.Of(words)) : null),

        { Options: { Count: > 0 } options, Schema: { } schema } when options.All(option => JsonSchemas.Violation(schema, JsonText.Of(option.Name)) is null) =>
            Form.OfOne(FormField.Choice("answer", "Answer", options, dialect, required: true)),

        { Schema: { } schema } => FormField.Members(schema, dialect) is { } members ? new(members, said => new(Response: said.Json()))
            : FormField.Of("answer", schema.Element(), required: true, dialect) is { } field ? Form.OfOne(field)
            : new(
                [FormField.Text("answer", "Answer", $"JSON that fits this schema: {schema}", required: true)],
                said => JsonText.TryParse(said.Words("answer")!, out var json) ? new(Response: json) : null),

        _ => Form.OfOne(FormField.Text("answer", "Answer", null, required: true)),
    };

    private static FormAnswer? Verdict(Said said) => (said["approve"]!.Value.GetBoolean(), said.Words("arguments")) switch
    {
        (true, { } other) => JsonText.TryParse(other, out var arguments) ? new(true, Comment: said.Words("comment"), Arguments: arguments) : null,
        (true, null) => new(true, Comment: said.Words("comment")),
        (false, _) => new(false, said.Words("reason") is { } reason ? JsonText.Of(reason) : null, said.Words("comment")),
    };

    private static JsonText Outcome(string outcome, string? result) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("outcome", outcome);
        if (result is not null)
        {
            writer.WritePropertyName("result");
            writer.WriteRawValue((JsonText.TryParse(result, out var json) ? json : JsonText.Of(result)).Text, skipInputValidation: true);
        }

        writer.WriteEndObject();
    });

    private sealed record Form(IReadOnlyList<FormField> Fields, Func<Said, FormAnswer?> Read)
    {
        public static Form OfOne(FormField field) => new([field], said => new(Response: JsonText.From(said[field.Name]!.Value)));
    }

    /// <summary>The fields that were filled in, each with a value of its kind.</summary>
    private sealed record Said(IReadOnlyList<(string Name, JsonElement Value)> Fields)
    {
        public JsonElement? this[string name] => Fields.Where(field => field.Name == name).Select(field => (JsonElement?)field.Value).FirstOrDefault();

        public string? Words(string name) => this[name]?.GetString() is { } words && !string.IsNullOrWhiteSpace(words) ? words : null;

        public JsonText Json() => JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            foreach (var (name, value) in Fields)
            {
                writer.WritePropertyName(name);
                value.WriteTo(writer);
            }

            writer.WriteEndObject();
        });
    }
}
