using System.Text.Json;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Inbox;

/// <summary>
/// Approving other arguments, where a tool allows it: they are entered, shown as a difference, and only then approved.
/// A plain yes never takes changed fields along. Pure.
/// </summary>
internal static class ArgumentChanges
{
    public const string Changed = "You changed arguments. Review the changes, or close them again to approve what was asked.";

    /// <summary>The fields, holding what was asked for or what was entered since.</summary>
    public static Html Fields(RequestOpened asked, IFormCollection? entered, IReadOnlyDictionary<string, string> problems) => asked is not { Changes: { } schema, Action: { } action }
        ? default
        : Html.Of($"""
            <details class="changes"{Html.Flag("open", entered is not null)}><summary>Change arguments first</summary>
            {FormField.Of(schema).Select(field => FieldView.Of(field, Entered(field, action.Arguments, entered), problems.GetValueOrDefault(field.Id), isTyped: entered is not null)).ToList()}
            <button name="do" value="review" class="plain" formnovalidate>Review the changes</button>
            </details>
            """);

    /// <summary>The arguments as they were entered; those that have no field stay as they are.</summary>
    public static JsonText? Read(RequestOpened asked, IFormCollection form, Dictionary<string, string> problems)
    {
        var (schema, before) = (asked.Changes!.Value, asked.Action!.Arguments);
        var fields = FormField.Of(schema);
        if (fields is [{ Name: "" }])
        {
            return GivenAnswer.Fields(fields, form, problems) is var whole && problems.Count > 0 ? null : Checked(schema, whole, problems);
        }

        List<FormField> touched = [.. fields.Where(field => !Untouched.Is(field, Entered(field, before, null), [.. form[field.Id].OfType<string>()]))];
        var entered = GivenAnswer.Fields(touched, form, problems);
        if (problems.Count > 0)
        {
            return null;
        }

        var named = touched.Select(field => field.Name).ToHashSet(StringComparer.Ordinal);
        return Checked(schema, JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            foreach (var member in before.Element().EnumerateObject().Where(member => !named.Contains(member.Name)).Concat(entered.Element().EnumerateObject()))
            {
                member.WriteTo(writer);
            }

            writer.WriteEndObject();
        }), problems);
    }

    public static bool IsSame(JsonText one, JsonText other) => JsonElement.DeepEquals(one.Element(), other.Element());

    /// <summary>What would be approved instead, and the button that does.</summary>
    public static Html Review(Visit visit, RequestOpened asked, JsonText changed, string request, string comment) => Html.Of($"""
        <h2>Approve with these changes?</h2>
        {ArgumentsDiff.Of(asked.Action!.Arguments, changed)}
        {visit.Form(Visit.PathOf(request), Html.Of($"""
            <input type="hidden" name="arguments" value="{Visible.InJson(changed.Text)}"><input type="hidden" name="{GivenAnswer.CarriedComment}" value="{Visible.InJson(JsonText.Of(comment).Text)}">
            <div class="actions"><button name="do" value="change" class="yes">Approve with changes</button><a class="button" href="{Visit.PathOf(request)}">Go back</a></div>
            """), "answer")}
        <section class="next"><h2>What happens next</h2><p class="help">{asked.Action.Tool} runs once, with the changed arguments. The log keeps both, and the agent is told.</p></section>
        """);

    private static JsonText? Checked(JsonText schema, JsonText arguments, Dictionary<string, string> problems)
    {
        if (JsonSchemas.Violation(schema, arguments) is { } violation)
        {
            problems[GivenAnswer.Whole] = $"The changed arguments do not fit yet: {violation}.";
            return null;
        }

        return arguments;
    }

    private static IReadOnlyList<string> Entered(FormField field, JsonText arguments, IFormCollection? entered)
    {
        if (entered is not null)
        {
            return [.. entered[field.Id].OfType<string>()];
        }

        var whole = arguments.Element();
        return field.Name.Length == 0 ? [Visible.InJson(arguments.Text)]
            : !whole.TryGetProperty(field.Name, out var value) ? [""]
            : field.Type == FieldType.Several && value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray().Select(one => Visible.InJson(JsonText.From(one).Text))]
            : [field.Type switch
            {
                FieldType.Json or FieldType.Choice or FieldType.YesNo => Visible.InJson(JsonText.From(value).Text),
                _ => value.ToString(),
            }];
    }
}
