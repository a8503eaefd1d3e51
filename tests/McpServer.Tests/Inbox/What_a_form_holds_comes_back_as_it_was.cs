using System.Net;
using AgentMcp.Server.Tests.Access;
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Inbox;

/// <summary>Letters that are not seen are shown by their numbers, and yet they are in words of Persian, and in emoji.</summary>
public sealed class What_a_form_holds_comes_back_as_it_was : IAsyncLifetime
{
    private const string Persian = "\u0645\u06CC\u200C\u062E\u0648\u0627\u0647\u0645";
    private const string Emoji = "\U0001F469\u200D\U0001F4BB";

    private GuardedServer _server = null!;
    private Visitor _mia = null!;
    private ThreadStarted _start = null!;

    public async ValueTask InitializeAsync()
    {
        _server = await GuardedServer.Start();
        _mia = await Visitor.WithKey(_server.Url, await _server.Key("mia", "admin"));
        _start = (await _server.Asking("ana")).Thread.Start;
    }

    [Fact]
    public async Task An_option_is_the_one_that_was_chosen()
    {
        var asked = await Ask(new(_start.At, RequestKind.Question, "Which?", Options: [new("a"), new(Persian), new(Emoji)]));

        var answer = await Send(asked, (await Form(asked)).Mark("option", 2).Press("respond"));

        Assert.Equal(Emoji, answer.Response?.AsString());
    }

    [Fact]
    public async Task So_is_one_of_a_request_with_a_schema()
    {
        var asked = await Ask(new(_start.At, RequestKind.Question, "Which?", Schema: Json($$"""{"type":"string","enum":["a","{{Persian}}"]}"""), Options: [new("a"), new(Persian)]));

        var answer = await Send(asked, (await Form(asked)).Mark("option", 1).Press("respond"));

        Assert.Equal(Persian, answer.Response?.AsString());
    }

    [Fact]
    public async Task So_is_a_reason_to_reject()
    {
        var asked = await Ask(new(_start.At, RequestKind.Approval, "Deploy?", Options: [new(Emoji), new(Persian)]));

        // The first place is for a rejection without a reason.
        var answer = await Send(asked, (await Form(asked)).Mark("reason", 2).Press("reject"));

        Assert.Equal((false, Persian), (answer.Approved, answer.Response?.AsString()));
    }

    [Fact]
    public async Task A_field_takes_the_choice_and_the_default_as_the_schema_has_them()
    {
        var asked = await Ask(new(_start.At, RequestKind.Question, "Which?", Schema: Json($$$"""
            {"type":"object","properties":{
              "one\u200c":{"enum":["a","{{{Persian}}}"]},
              "many":{"type":"array","items":{"enum":["{{{Emoji}}}","b","{{{Persian}}}"]}},
              "line":{"type":"string","maxLength":40,"default":"{{{Persian}}}"},
              "text":{"type":"string","default":"{{{Emoji}}}"} } }
            """)));

        var answer = await Send(asked, (await Form(asked)).Mark("f-one\u27E8U+200C\u27E9", 1).Mark("f-many", 0).Mark("f-many", 2, alone: false).Press("respond"));

        Assert.Equal(Json($$"""{"one\u200c":"{{Persian}}","many":["{{Emoji}}","{{Persian}}"],"line":"{{Persian}}","text":"{{Emoji}}"}"""), answer.Response);
    }

    [Fact]
    public async Task Other_arguments_and_the_word_that_goes_with_them_are_as_they_were_entered()
    {
        var asked = await Ask(Gated());
        var path = PathOf(asked);

        using var reviewed = await _mia.Post(path, (await Form(asked)).Write("f-n", "2").Write("comment", $"{Persian}\n\"{Emoji}\"").Press("review"));
        var answer = await Send(asked, new FilledForm(await Text(reviewed)).Press("change"));

        Assert.Equal((true, $"{Persian}\n\"{Emoji}\""), (answer.Approved, answer.Comment));
        Assert.Equal(Json($$"""{"who":"{{Persian}}","many":["{{Emoji}}"],"n":2}"""), answer.Arguments);
    }

    [Fact]
    public async Task The_word_that_goes_with_other_arguments_is_kept_for_whoever_comes_second()
    {
        var asked = await Ask(Gated());
        using var reviewed = await _mia.Post(PathOf(asked), (await Form(asked)).Write("f-n", "2").Write("comment", "two is <enough>").Press("review"));
        var late = new FilledForm(await Text(reviewed)).Press("change");
        await Send(asked, (await Form(asked)).Press("reject"));

        using var refused = await _mia.Post(PathOf(asked), late);

        Assert.Equal(HttpStatusCode.Conflict, refused.StatusCode);
        Assert.Contains("<p>You had written:</p><blockquote>two is &lt;enough&gt;</blockquote>", await Text(refused), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_plain_yes_approves_arguments_that_are_choices()
    {
        var asked = await Ask(Gated());

        var answer = await Send(asked, (await Form(asked)).Press("approve"));

        Assert.Equal((true, null), (answer.Approved, answer.Arguments));
    }

    [Fact]
    public async Task What_was_typed_is_the_same_after_a_form_was_shown_again()
    {
        var asked = await Ask(Gated());

        using var wrong = await _mia.Post(PathOf(asked), (await Form(asked)).Write("comment", Persian).Press("review"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, wrong.StatusCode);
        var answer = await Send(asked, new FilledForm(await Text(wrong)).Press("approve"));

        Assert.Equal((true, Persian), (answer.Approved, answer.Comment));
    }

    public async ValueTask DisposeAsync()
    {
        _mia.Dispose();
        await _server.DisposeAsync();
    }

    private RequestOpened Gated() => new(_start.At, RequestKind.Approval, "Run it?",
        Action: ActionDigest.Bind("divide", Json($$"""{"who":"{{Persian}}","many":["{{Emoji}}"],"n":1}""")),
        Changes: Json($$$"""
            {"type":"object","properties":{"who":{"enum":["a","{{{Persian}}}"]},"many":{"type":"array","items":{"enum":["{{{Emoji}}}","b"]}},"n":{"type":"integer"} } }
            """));

    private async Task<ThreadLog> Ask(RequestOpened asked)
    {
        using var owner = new Owner(_server.Core.Database);
        using var store = new ThreadStore(_server.Core.Database, owner);
        var log = ThreadLog.Of(ThreadId.New(_start.At), asked.Action is { } action
            ? [_start, new StepChosen(_start.At, action.Tool, action.Arguments, "rules"), asked]
            : [_start, asked]);
        await store.Start(log, idempotencyKey: null, takeLease: false);
        return log;
    }

    private static string PathOf(ThreadLog log) => $"/requests/{log.Thread.OpenRequests[0].Id.In(log.Thread.Id)}";

    private async Task<FilledForm> Form(ThreadLog asked) => new(await _mia.Page(PathOf(asked)));

    private async Task<RequestAnswered> Send(ThreadLog asked, (string Name, string Value)[] fields)
    {
        using var taken = await _mia.Post(PathOf(asked), fields);
        Assert.True(taken.StatusCode == HttpStatusCode.SeeOther, $"{taken.StatusCode}\n{await Text(taken)}");
        return Assert.Single(_server.Core.Host.Get(asked.Thread.Id, "ana").Thread.Answers.Values);
    }

    private static Task<string> Text(HttpResponseMessage reply) => reply.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

    private static JsonText Json(string text) => JsonText.Parse(text);
}
