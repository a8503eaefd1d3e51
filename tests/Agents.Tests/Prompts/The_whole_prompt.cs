using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tests.Bench;

namespace AgentMcp.Agents.Tests.Prompts;

public sealed class The_whole_prompt
{
    [Fact]
    [Trait("Accepts", "F2.1")]
    [Trait("Accepts", "F2.2")]
    [Trait("Accepts", "F3.2")]
    [Trait("Accepts", "F8.3")]
    public async Task Of_a_calculation_in_which_a_person_said_no()
    {
        var model = new ScriptedModel(
            """{"intent":"multiply","a":3,"b":4}""",
            """{"intent":"divide","a":12,"b":0}""",
            """{"intent":"divide","a":12,"b":5}""",
            """{"intent":"done_for_now","message":"The result is 2.4."}""");
        await using var bench = new AgentBench(TestAgents.Calculator, model);
        var log = await bench.Start("multiply 3 and 4, then divide by 0");
        log = await bench.Answer(log, approved: false, comment: "use 5");
        log = await bench.Answer(log, approved: true);

        Assert.Equal("""
            You are calculator. You work out what the person asked for with your tools, one operation at each step.

            - Never calculate in your head: every number in a result comes from a tool.
            - If a number or the operation is missing or unclear, ask with request_more_information. Do not guess.
            - A person may deny an operation. Then do what they say instead, and do not propose the same operation again.
            - When nothing is left to calculate, end with done_for_now and a message that states the result.
            """, model.Prompts[3].System);
        Assert.Equal("""
            <message_received>
            message: multiply 3 and 4, then divide by 0
            </message_received>

            <multiply>
            a: 3
            b: 4
            </multiply>

            <multiply_result>
            12
            </multiply_result>

            <divide>
            a: 12
            b: 0
            </divide>

            <human_response>
            approved: false
            response: "divide denied: use 5"
            user: mia
            </human_response>

            <divide>
            a: 12
            b: 5
            </divide>

            <human_response>
            approved: true
            user: mia
            </human_response>

            <divide_result>
            2.4
            </divide_result>

            What is the next step? Reply with exactly one JSON object and nothing else. It must match this JSON Schema:
            {"anyOf":[{"description":"Add b to a.","type":"object","properties":{"intent":{"enum":["add"]},"a":{"type":"number"},"b":{"type":"number"}},"required":["intent","a","b"],"additionalProperties":false},{"description":"Subtract b from a.","type":"object","properties":{"intent":{"enum":["subtract"]},"a":{"type":"number"},"b":{"type":"number"}},"required":["intent","a","b"],"additionalProperties":false},{"description":"Multiply a by b.","type":"object","properties":{"intent":{"enum":["multiply"]},"a":{"type":"number"},"b":{"type":"number"}},"required":["intent","a","b"],"additionalProperties":false},{"description":"Divide a by b.","type":"object","properties":{"intent":{"enum":["divide"]},"a":{"type":"number"},"b":{"type":"number"}},"required":["intent","a","b"],"additionalProperties":false},{"description":"Ask the person for something that is missing, then wait for the answer.","type":"object","properties":{"intent":{"enum":["request_more_information"]},"message":{"type":"string","minLength":1}},"required":["intent","message"],"additionalProperties":false},{"description":"End with the result. The person may answer, and the work then goes on.","type":"object","properties":{"intent":{"enum":["done_for_now"]},"message":{"type":"string","minLength":1}},"required":["intent","message"],"additionalProperties":false}]}
            """, model.Prompts[3].User);
        Assert.Equal(model.Prompts[3], PromptRenderer.RenderFor(TestAgents.Calculator, log.Events, version: 13));
        Assert.Equal([2, 5, 8, 13], Enumerable.Range(1, log.Events.Count).Where(version => log.Events[version - 1] is State.Threads.StepChosen));
        Assert.Equal(model.Prompts.Select(prompt => prompt.User), new[] { 2, 5, 8, 13 }.Select(version => PromptRenderer.RenderFor(TestAgents.Calculator, log.Events, version).User));
    }

    [Fact]
    [Trait("Accepts", "F3.2")]
    public void Begins_as_it_began_before_so_that_a_cache_can_keep_it()
    {
        var first = Blocks.Of([Logs.Started("{}")]);
        var second = Blocks.Of([Logs.Started("{}"), Logs.Chose("look", "{}"), Logs.Began(2), Logs.Returned(2, "1")]);

        Assert.Equal(first, second.Take(first.Count));
    }

    [Fact]
    [Trait("Accepts", "R.7")]
    public void Shows_text_as_it_was_written() =>
        Assert.Equal("<message_received>\nmessage: Grüße an 世界, ship it 🚀 now\nlines: |-\n  one 🚀\n  two\n</message_received>",
            Logs.Shown(Logs.Started("""{"message":"Grüße an 世界, ship it 🚀 now","lines":"one 🚀\ntwo"}""")));
}
