using System.Globalization;
using AgentMcp.Server.Access;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Inbox;

/// <summary>How a request is answered: two buttons and a word for yes or no, else a form made from its schema or options. Pure.</summary>
internal sealed class AnswerForm(Visit visit, OpenRequest open, string agent, string owner, IFormCollection? entered, IReadOnlyDictionary<string, string> problems)
{
    private string Action => Visit.PathOf(open.Id.In(Thread));

    public required ThreadId Thread { get; init; }

    public Html Of() => open.Asked switch
    {
        { Responders: { } only } when !only.Contains(visit.Who.Id, StringComparer.OrdinalIgnoreCase) =>
            Html.Of($"""<p class="note">Only {string.Join(" or ", only)} may answer this; here you are {visit.Who.Id}.</p>"""),
        _ when !AccessRules.Counts(open.Asked, owner, visit.Who, visit.Core.Settings.Approvals) =>
            Html.Of($"""<p class="note">To answer this takes the role approve; you are {visit.Who.Id} with {visit.Who.RolesText}.</p>"""),
        { Kind: RequestKind.Approval } => YesOrNo("Approve", "Reject", "Feedback", $"Optional. {agent} reads it; after a rejection it is what it goes by."),
        { Kind: RequestKind.Budget } => YesOrNo("Let it go on", "Stop it", "Guidance", $"Optional. {agent} reads it and goes on accordingly."),
        { Kind: RequestKind.InDoubt } => Form(Html.Of($"""
            {Options("What became of it?", InDoubtAnswer.Options, other: false)}
            <div class="field"><label for="result">What it returned <span class="optional">if it happened</span></label>
            <textarea id="result" name="result" rows="3" class="code" data-send>{Typed("result")}</textarea></div>
            """)),
        { Kind: RequestKind.Sleep } => Html.Of($"""<p class="note">Nobody has to do anything: it goes on by itself{(open.Asked.DueAt is { } due ? $" on {Words.Readable(due)}" : "")}.</p>"""),
        { Kind: RequestKind.Child } => Html.Of($"""<p class="note">It waits for a thread it started. Answer what that one asks.</p>"""),
        // Options are names; a schema that wants more than a name asks for it field by field.
        { Schema: { } schema, Options: var offered } when offered is null or { Count: 0 } || FormField.Of(schema) is not [{ Name: "", Type: not FieldType.Json }] => Form(Html.Join(FormField.Of(schema).Select(field =>
            FieldView.Of(field, [.. (entered?[field.Id] ?? default).OfType<string>()], problems.GetValueOrDefault(field.Id), isTyped: true)))),
        { Options: { Count: > 0 } options, Schema: var schema } => Form(Options("Your answer", options, other: schema is null)),
        _ => Form(Text("Your answer")),
    };

    private Html YesOrNo(string yes, string no, string words, string help) => visit.Form(Action, Html.Of($"""
        {Problem}
        {ArgumentChanges.Fields(open.Asked, entered, problems)}
        {(open.Asked is { Kind: RequestKind.Approval, Options: { Count: > 0 } reasons } ? Reasons(reasons) : default)}
        <div class="field"><label for="comment">{words}</label><span class="help" id="comment-help">{help}</span>
        <textarea id="comment" name="comment" rows="3" aria-describedby="comment-help" data-feedback>{Html.Typed(entered is null ? "" : GivenAnswer.CommentOf(entered))}</textarea></div>
        <div class="actions">
        <button name="do" value="approve" class="yes" formnovalidate data-approve>{yes}</button>
        <button name="do" value="reject" class="no" formnovalidate data-reject>{no}</button>
        </div>
        """), "answer");

    // The first one is for a rejection in one's own words alone.
    private Html Reasons(IReadOnlyList<ResponseOption> reasons) => Html.Of($"""
        <fieldset class="field"><legend>Reason to reject <span class="optional">optional</span></legend>
        <label class="check"><input type="radio" name="reason" value=""{Html.Flag("checked", Was("reason").Length == 0)}> as in the feedback</label>
        {reasons.Select((reason, i) => Html.Of($"""<label class="check"><input type="radio" name="reason" value="{i}"{IsChosen("reason", i)}> {reason.Title ?? reason.Name}</label>""")).ToList()}
        </fieldset>
        """);

    private Html Form(Html fields) => visit.Form(Action, Html.Of($"""
        {Problem}
        {fields}
        <div class="actions"><button name="do" value="respond" class="yes">Send answer</button></div>
        """), "answer");

    private Html Problem => problems.TryGetValue(GivenAnswer.Whole, out var problem) ? Html.Of($"""<p class="wrong" role="alert">{problem}</p>""") : default;

    private Html Text(string label) => Html.Of($"""
        <div class="field"><label for="words">{label}</label><textarea id="words" name="words" rows="4" data-send>{Typed("words")}</textarea></div>
        """);

    private Html Options(string legend, IReadOnlyList<ResponseOption> options, bool other) => Html.Of($"""
        <fieldset class="field options"><legend>{legend}</legend>
        {options.Select(Option).ToList()}
        </fieldset>
        {(other ? Text("Or in your own words") : default)}
        """);

    private Html Option(ResponseOption option, int i) => Html.Of($"""
        <label class="check option"><input type="radio" name="option" id="option-{i}" value="{i}"{IsChosen("option", i)}>
        <span><b>{option.Title ?? option.Name}</b>{(option.Description is null ? default : Html.Of($"""<span class="help">{option.Description}</span>"""))}</span></label>
        """);

    private Html IsChosen(string name, int place) => Html.Flag("checked", Was(name) == place.ToString(CultureInfo.InvariantCulture));

    private Html Typed(string name) => Html.Typed(Was(name));

    private string Was(string name) => entered?[name].ToString() ?? "";
}
