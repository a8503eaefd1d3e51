using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Upstream;

public sealed class Questions_in_the_middle_of_a_call
{
    [Fact]
    [Trait("Accepts", "F6.3")]
    [Trait("Accepts", "F6.9")]
    public async Task Input_required_is_kept_and_answered_in_another_process()
    {
        await using var ledger = new Ledger();
        using var office = Painters(ledger);
        string thread;
        await using (var server = await office.Start())
        {
            var asked = await server.Take("painter", new { intent = "ledger.paint" });
            Assert.Equal(("question", "Which colour?"), (asked.Kind, asked.Request.GetProperty("question").GetString()));
            thread = asked.ThreadId;
            await server.Kill();
        }

        await using var next = await office.Start(Transport.Http);
        Assert.StartsWith("invalid_response", await next.Refusal("resume_thread", new { thread_id = thread, response = new { shade = "dark" } }));
        var done = await next.Do("resume_thread", new { thread_id = thread, response = new { colour = "blue" } });

        Assert.Equal("next_step", done.Kind);
        Assert.Equal("\"the wall is blue\"", (await next.Last(thread, "tool_returned")).GetProperty("result").GetRawText());
        Assert.DoesNotContain("Which colour?", done.Request.GetProperty("context").GetString());
    }

    [Fact]
    public async Task A_question_may_be_declined()
    {
        await using var ledger = new Ledger();
        using var office = Painters(ledger);
        await using var server = await office.Start();
        var asked = await server.Take("painter", new { intent = "ledger.paint" });

        await server.Do("resume_thread", new { thread_id = asked.ThreadId, approved = false });

        Assert.Equal("\"the wall stays as it is: decline\"", (await server.Last(asked.ThreadId, "tool_returned")).GetProperty("result").GetRawText());
    }

    [Fact]
    public async Task A_question_of_an_older_session_is_held_until_it_is_answered()
    {
        using var office = new Office();
        office.WithNode("all", "everything").Agent("tester", "tools: [\"all.*\"]\ngates: { \"all.*\": none }");
        await using var server = await office.Start();

        var asked = await server.Take("tester", new { intent = "all.trigger-elicitation-request" });
        Assert.Equal("question", asked.Kind);
        var next = await server.Do("resume_thread", new { thread_id = asked.ThreadId, response = new { name = "Mia" } });

        Assert.Equal("next_step", next.Kind);
        Assert.Contains("Mia", (await server.Last(asked.ThreadId, "tool_returned")).GetProperty("result").GetRawText());
    }

    [Fact]
    [Trait("Accepts", "F8.7")]
    public async Task A_held_call_whose_process_died_is_in_doubt()
    {
        using var office = new Office();
        office.WithNode("all", "everything").Agent("tester", "tools: [\"all.*\"]\ngates: { \"all.*\": none }");
        string thread;
        await using (var server = await office.Start())
        {
            var asked = await server.Take("tester", new { intent = "all.trigger-elicitation-request" });
            Assert.Equal("question", asked.Kind);
            thread = asked.ThreadId;
            await server.Kill(children: true);
        }

        await using var next = await office.Start();
        var doubt = await next.Do("resume_thread", new { thread_id = thread, response = new { name = "Mia" } });
        Assert.Equal("in_doubt", doubt.Kind);

        // Run again it asks again, from the beginning.
        Assert.Equal("question", (await next.Do("resume_thread", new { thread_id = thread, response = "run_again" })).Kind);
    }

    private static Office Painters(Ledger ledger) => new Office().With("ledger", new { url = ledger.Url }).Agent("painter", "tools: [ledger.paint]\ngates: { ledger.paint: none }");
}
