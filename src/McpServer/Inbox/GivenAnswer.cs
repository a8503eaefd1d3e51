using System.Globalization;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Inbox;

/// <summary>What a posted form says to a request, or what is wrong with it, field by field. Pure.</summary>
internal sealed record GivenAnswer(bool? Approved, JsonText? Response, string? Comment, JsonText? Arguments = null)
{
    public const string Whole = "";

    /// <summary>The field in which a page that asks once more carries the comment along, as JSON.</summary>
    public const string CarriedComment = "comment-json";

    public static (GivenAnswer? Answer, IReadOnlyDictionary<string, string> Problems) Read(RequestOpened asked, IFormCollection form)
    {
        var problems = new Dictionary<string, string>(StringComparer.Ordinal);
        var answer = (asked, form["do"].ToString()) switch
        {
            ({ Kind: RequestKind.Approval, Changes: not null, Action: { } action }, "approve") when ArgumentChanges.Read(asked, form, problems) is not { } entered || !ArgumentChanges.IsSame(action.Arguments, entered) =>
                Wrong(ArgumentChanges.Changed),
            ({ Kind: RequestKind.Approval }, "approve") => new(true, null, Words(form, "comment")),
            ({ Kind: RequestKind.Approval, Changes: not null }, "change") => new(true, null, Words(CommentOf(form)), JsonText.TryParse(form["arguments"].ToString(), out var changed) ? changed : JsonText.Null),
            ({ Kind: RequestKind.Approval }, "reject") => new(false, Chosen(asked, form, "reason") is { } reason ? JsonText.Of(reason) : null, Words(form, "comment")),
            ({ Kind: RequestKind.Budget }, "reject") => new(false, null, Words(form, "comment")),
            ({ Kind: RequestKind.Budget }, "approve") => Words(form, "comment") is { } guidance ? new(null, JsonText.Of(guidance), null) : new(true, null, null),
            ({ Kind: RequestKind.Approval or RequestKind.Budget }, _) => Wrong("Choose one of the two buttons."),
            ({ Kind: RequestKind.InDoubt }, _) => Chosen(asked, form, "option") is { } outcome ? new(null, Outcome(outcome, Words(form, "result")), null) : Wrong("Choose what became of it."),
            ({ Schema: { } schema }, _) when Chosen(asked, form, "option") is { } option => new(null, FitsInto(schema, JsonText.Of(option), problems), null),
            ({ Schema: { } schema }, _) => new(null, FitsInto(schema, Fields(FormField.Of(schema), form, problems), problems), null),
            _ when Chosen(asked, form, "option") is { } option => new(null, JsonText.Of(option), null),
            _ => Words(form, "words") is { } words ? new GivenAnswer(null, asked.Kind == RequestKind.ExternalResult ? Loosely(words) : JsonText.Of(words), null) : Wrong("Write an answer first."),
        };
        return (problems.Count == 0 ? answer : null, problems);

        GivenAnswer Wrong(string what)
        {
            problems[Whole] = what;
            return new(null, null, null);
        }
    }

    /// <summary>The value that the fields of a form make up.</summary>
    public static JsonText Fields(IReadOnlyList<FormField> fields, IFormCollection form, Dictionary<string, string> problems)
    {
        var values = new List<(string Name, JsonText Value)>();
        foreach (var field in fields)
        {
            var (value, problem) = field.Read([.. form[field.Id].OfType<string>()]);
            if (problem is not null)
            {
                problems[field.Id] = problem;
            }
            else if (value is { } given)
            {
                values.Add((field.Name, given));
            }
        }

        return fields is [{ Name: "" }] ? values is [var (_, single)] ? single : JsonText.Null : JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            foreach (var (name, value) in values)
            {
                writer.WritePropertyName(name);
                writer.WriteRawValue(value.Text);
            }

            writer.WriteEndObject();
        });
    }

    /// <summary>The comment as it was typed, also where a page carried it along.</summary>
    public static string CommentOf(IFormCollection form) =>
        JsonText.TryParse(form[CarriedComment].ToString(), out var carried) && carried.AsString() is { } comment ? comment : form["comment"].ToString();

    // An option is posted by its place among them: its text may hold what a page shows in another form.
    private static string? Chosen(RequestOpened asked, IFormCollection form, string name)
    {
        var options = asked.Kind == RequestKind.InDoubt ? InDoubtAnswer.Options : asked.Options ?? [];
        return int.TryParse(form[name], NumberStyles.None, CultureInfo.InvariantCulture, out var place) && place < options.Count ? options[place].Name : null;
    }

    private static JsonText FitsInto(JsonText schema, JsonText response, Dictionary<string, string> problems)
    {
        if (problems.Count == 0 && JsonSchemas.Violation(schema, response) is { } violation)
        {
            problems[Whole] = $"That does not fit yet: {violation}.";
        }

        return response;
    }

    private static JsonText Outcome(string outcome, string? result) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("outcome", outcome);
        if (result is not null && outcome == "done")
        {
            writer.WritePropertyName("result");
            writer.WriteRawValue(Loosely(result).Text);
        }

        writer.WriteEndObject();
    });

    // A result is often pasted as JSON; what is none is text.
    private static JsonText Loosely(string words) => JsonText.TryParse(words, out var json) ? json : JsonText.Of(words);

    private static string? Words(IFormCollection form, string name) => Words(form[name].ToString());

    private static string? Words(string typed) =>
        typed.ReplaceLineEndings("\n").Trim() is { Length: > 0 } words ? words : null;
}
