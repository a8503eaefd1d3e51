using AgentMcp.Agents.Context;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Context;

public sealed class Large_results_are_shortened
{
    private const string Issue = """
        {"issue":{"id":7,"node_id":"MDU6","title":"Login fails","html_url":"https://x.example/7","state":"open","description":"After the update.\nAlways.","labels":["bug"],"user":{"login":"mia","avatar":"https://a.example/m"},
          "status":{"name":"Open","iconPath":"/i.png"},"_links":{"self":{"href":"https://api.example/7"}},"metadata":{"id":"abc"},"reactions":{"+1":3},"comments_list":[{"commentId":1,"when":"today"}]}}
        """;

    private static Tool Issues(string result) => TestAgents.Tool("issues", Effect.ReadOnly, _ => result);

    // Rows that say little, and one member of each that says what it is.
    private static string Many(int count) => $$"""{"items":[{{string.Join(",", Enumerable.Range(1, count).Select(i => $$"""{"id":{{i}},"title":"Issue number {{i}}","weight":{{i}}.5,"colour":"a shade of green that nobody asked for"}"""))}}]}""";

    private static Microagent Clerk(Tool tool, ContextPolicy context) => TestAgents.Clerk(tool) with { Context = context };

    [Fact]
    [Trait("Accepts", "S.1")]
    public void Squashing_keeps_id_title_link_status_and_description_and_drops_the_rest() =>
        Assert.Equal(
            """{"issue":{"id":7,"node_id":"MDU6","title":"Login fails","html_url":"https://x.example/7","state":"open","description":"After the update.\nAlways.","status":{"name":"Open"},"comments_list":[{"commentId":1}]}}""",
            Squash.Of(JsonText.Parse(Issue)).Text);

    [Fact]
    [Trait("Accepts", "S.1")]
    public void An_agent_may_say_for_each_tool_what_is_kept() =>
        Assert.Equal("""{"issue":{"title":"Login fails","user":{"login":"mia"}}}""", Squash.Of(JsonText.Parse(Issue), ["title", "login"]).Text);

    [Theory]
    [Trait("Accepts", "S.1")]
    [InlineData("teamId: not a UUID\n   at Linear.Client.Send(String id) in /src/Client.cs:line 7\n   at Program.Main()", "teamId: not a UUID")]
    [InlineData("""{"error":{"code":"bad_request","message":"teamId: not a UUID","stack":"Error: x\n    at f (a.js:1:2)"}}""", "teamId: not a UUID")]
    [InlineData("""{"errors":[{"path":["team"],"detail":"teamId: not a UUID"}],"stack":"at f (a.js:1:2)"}""", "teamId: not a UUID")]
    [InlineData("Traceback (most recent call last):\n  File \"/a.py\", line 3, in <module>\n    f()\nValueError: teamId: not a UUID", "ValueError: teamId: not a UUID")]
    [InlineData("at least one team is needed", "at least one team is needed")]
    [InlineData("    at f (a.js:1:2)\nteamId: not a UUID", "teamId: not a UUID")]
    public void Squashing_an_error_keeps_its_reason_and_drops_the_stack(string message, string reason) =>
        Assert.Equal(reason, ErrorText.Of(new ToolException(message)));

    [Fact]
    [Trait("Accepts", "S.1")]
    public async Task What_is_squashed_is_shown_so_in_every_prompt_and_stored_whole()
    {
        var model = new ScriptedModel(TestAgents.Step("issues", "a"), TestAgents.Done);
        await using var bench = new AgentBench(Clerk(Issues(Issue), new() { Squash = new Dictionary<string, IReadOnlyList<string>?> { ["issues"] = ["title"] } }), model);

        var log = await bench.Start("x");

        Assert.Contains("<issues_result>\nissue:\n  title: Login fails\n</issues_result>", model.Prompts[1].User, StringComparison.Ordinal);
        Assert.Equal(JsonText.Parse(Issue), log.Events.OfType<ToolReturned>().Single().Result);
    }

    [Fact]
    [Trait("Accepts", "S.3")]
    public async Task Without_a_summariser_a_large_result_is_cut_once_with_a_mark_that_says_so()
    {
        var model = new ScriptedModel(TestAgents.Step("issues", "a"), TestAgents.Step("issues", "b"), TestAgents.Done);
        await using var bench = new AgentBench(Clerk(Issues(Many(30)), new() { SummariseOver = 120 }), model);

        var log = await bench.Start("x");

        Assert.Equal(["4 to 4", "8 to 8"], log.Events.OfType<Summarised>().Select(e => $"{e.From} to {e.To}"));
        var cut = (Summarised)log.Events[4];
        Assert.Equal(("code", null), (cut.Model, cut.Error));
        Assert.StartsWith("items:\n- id: 1\n  title: Issue number 1\n- id: 2\n", cut.Text, StringComparison.Ordinal);
        Assert.Matches(@"\n\[shortened: about \d+ of \d+ tokens are shown\]$", cut.Text);
        Assert.Contains($"<issues_result>\n{cut.Text}\n</issues_result>", model.Prompts[1].User, StringComparison.Ordinal);
        Assert.DoesNotContain("green", model.Prompts[1].User, StringComparison.Ordinal);
        Assert.True(Tokens.Count(cut.Text) < 150);
    }

    [Fact]
    [Trait("Accepts", "S.3")]
    public async Task A_summary_by_a_model_is_stored_once_and_is_the_same_in_every_later_prompt()
    {
        var model = new ScriptedModel(TestAgents.Step("issues", "a"), """{"intent":"summarise","summary":"30 issues, of which 7 is the oldest."}""", TestAgents.Step("look", "b"), TestAgents.Done);
        await using var bench = new AgentBench(
            TestAgents.Clerk(Issues(Many(30)), new Outside().Look) with { Context = new() { SummariseOver = 120, Summariser = "scripted:small" } }, model);

        var log = await bench.Start("x");

        Assert.Equal("summarised: 4 to 4 [summary]\n30 issues, of which 7 is the oldest.", Told.Of(log)[4]);
        Assert.StartsWith("You shorten what an agent has seen", model.Prompts[1].System, StringComparison.Ordinal);
        Assert.StartsWith("<issues_result>\nitems:\n- id: 1\n", model.Prompts[1].User, StringComparison.Ordinal);
        Assert.All(model.Prompts.Skip(2), prompt => Assert.Contains("<issues_result>\n[summary]\n  30 issues, of which 7 is the oldest.\n</issues_result>", prompt.User, StringComparison.Ordinal));
        Assert.Equal(4, model.Calls);
    }

    [Theory]
    [Trait("Accepts", "S.4")]
    [InlineData("", "scripted: The reply is not a step. Reply with one JSON object that has an intent.")]
    [InlineData("trouble", "scripted: The model is overloaded.")]
    [InlineData("long", "scripted: its summary is no shorter than what it is of")]
    public async Task A_summariser_that_fails_leaves_the_same_cut_and_the_reason_in_the_log(string reply, string error)
    {
        var model = new ScriptedModel(TestAgents.Step("issues", "a"), reply switch
        {
            "trouble" => new ModelException("The model is overloaded.", mayPass: true),
            "long" => $$"""{"intent":"summarise","summary":"{{string.Join(' ', Enumerable.Repeat("so to say", 2000))}}"}""",
            _ => reply,
        }, TestAgents.Done);
        await using var bench = new AgentBench(Clerk(Issues(Many(30)), new() { SummariseOver = 120, Summariser = "scripted:small" }), model);

        var log = await bench.Start("x");

        var cut = log.Events.OfType<Summarised>().Single();
        Assert.Equal(("code", error), (cut.Model, cut.Error));
        Assert.Contains("[shortened: about ", model.Prompts[2].User, StringComparison.Ordinal);
        Assert.DoesNotContain("overloaded", model.Prompts[2].User, StringComparison.Ordinal);
        Assert.Equal((ThreadStatus.Completed, 0), (log.Thread.Status, log.Thread.ErrorsInRow.Count));
    }

    [Fact]
    public async Task What_was_fetched_ahead_is_shortened_too()
    {
        var model = new ScriptedModel(TestAgents.Done);
        await using var bench = new AgentBench(
            Clerk(Issues(Many(30)), new() { SummariseOver = 120, Prefetch = [new("issues", JsonText.Parse("""{"item":"a"}"""))] }), model);

        var log = await bench.Start("x");

        Assert.Equal(2, log.Events.OfType<Summarised>().Single().From);
        Assert.Contains("[shortened: about ", model.Prompts[0].User, StringComparison.Ordinal);
    }
}
