using System.Text.Json;

namespace AgentMcp.Server.Inbox;

/// <summary>A field of a form as markup, with what was entered before and what was wrong with it. Pure.</summary>
internal static class FieldView
{
    private const int MostRadios = 6;

    /// <param name="isTyped">Whether a person typed what was entered; else it is what the field holds to begin with.</param>
    public static Html Of(FormField field, IReadOnlyList<string> entered, string? problem, bool isTyped)
    {
        var help = field.Help is null ? default : Html.Of($"""<span class="help" id="{field.Id}-help">{field.Help}</span>""");
        var wrong = problem is null ? default : Html.Of($"""<span class="wrong" id="{field.Id}-wrong">{problem}</span>""");
        var optional = field.Required ? default : Html.Of($"""<span class="optional">optional</span>""");
        if (field.Type is FieldType.YesNo or FieldType.Several || (field.Type == FieldType.Choice && field.Choices.Count <= MostRadios))
        {
            return Html.Of($"""
                <fieldset class="field"{Described(field, problem)}><legend>{field.Label} {optional}</legend>{help}{wrong}
                {field.Choices.Select((choice, i) => Mark(field, choice.Json, choice.Shown, i, entered)).ToList()}
                </fieldset>
                """);
        }

        return Html.Of($"""
            <div class="field"><label for="{field.Id}">{field.Label} {optional}</label>{help}{wrong}
            {Control(field, entered.Count > 0 ? entered[0] : field.Default, isTyped && entered.Count > 0, Html.Of($"""id="{field.Id}" name="{field.Id}"{Described(field, problem)}{Html.Flag("required", field.Required)}"""))}
            </div>
            """);
    }

    private static Html Control(FormField field, string value, bool isTyped, Html attributes)
    {
        var held = isTyped ? Html.Typed(value) : Html.Of($"{value}");
        return field.Type switch
        {
            FieldType.Choice => Html.Of($"""
                <select {attributes}>{(field.Required && value.Length > 0 ? default : Html.Of($"""<option value="">choose</option>"""))}
                {field.Choices.Select(choice => Html.Of($"""<option value="{choice.Json}"{Html.Flag("selected", choice.Json == value)}>{choice.Shown}</option>""")).ToList()}</select>
                """),
            FieldType.Number => Html.Of($"""<input type="number" step="any" inputmode="decimal" {attributes}{Limit(field, "minimum", "min")}{Limit(field, "maximum", "max")} value="{held}">"""),
            FieldType.Integer => Html.Of($"""<input type="number" step="1" inputmode="numeric" {attributes}{Limit(field, "minimum", "min")}{Limit(field, "maximum", "max")} value="{held}">"""),
            FieldType.Date => Html.Of($"""<input type="date" {attributes} value="{held}">"""),
            FieldType.Moment => Html.Of($"""<input type="datetime-local" step="1" {attributes} value="{value.TrimEnd('Z')}">"""),
            FieldType.Line => Html.Of($"""<input type="text" {attributes}{Limit(field, "maxLength", "maxlength")} value="{held}" autocomplete="off">"""),
            FieldType.Json => Html.Of($"""
                <textarea {attributes} rows="6" class="code" spellcheck="false" data-send>{held}</textarea>
                <details><summary>What fits: its JSON Schema</summary>{JsonView.Exact(State.Json.JsonText.From(field.Schema))}</details>
                """),
            _ => Html.Of($"""<textarea {attributes} rows="4" data-send{Limit(field, "maxLength", "maxlength")}>{held}</textarea>"""),
        };
    }

    private static Html Mark(FormField field, string json, string shown, int i, IReadOnlyList<string> entered)
    {
        var several = field.Type == FieldType.Several;
        var isOn = entered.Count > 0 ? entered.Contains(json) : !several && field.Default == json;
        return Html.Of($"""
            <label class="check"><input type="{(several ? "checkbox" : "radio")}" name="{field.Id}" id="{field.Id}-{i}" value="{json}"{Html.Flag("checked", isOn)}{Html.Flag("required", field.Required && !several)}> {shown}</label>
            """);
    }

    private static Html Described(FormField field, string? problem)
    {
        var by = string.Join(' ', new[] { problem is null ? null : field.Id + "-wrong", field.Help is null ? null : field.Id + "-help" }.OfType<string>());
        return Html.Of($"{(by.Length == 0 ? default : Html.Of($""" aria-describedby="{by}" """))}{(problem is null ? default : Html.Of($""" aria-invalid="true" """))}");
    }

    private static Html Limit(FormField field, string name, string attribute) =>
        field.Schema.TryGetProperty(name, out var limit) && limit.ValueKind == JsonValueKind.Number ? Html.Of($" {attribute}=\"{limit.GetRawText()}\"") : default;
}
