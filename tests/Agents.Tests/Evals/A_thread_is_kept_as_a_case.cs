using AgentMcp.Agents.Evals;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Evals;

public sealed class A_thread_is_kept_as_a_case
{
    [Fact]
    [Trait("Accepts", "F5.2")]
    public async Task The_file_holds_the_prompts_to_the_byte()
    {
        var model = new ScriptedModel("""{"intent":"multiply","a":3,"b":4}""", TestAgents.Done);
        await using var bench = new AgentBench(TestAgents.Calculator, model);
        var recorded = Cases.Of(bench, await bench.Start("Multiply 3 and 4\nplease \u00fc \U0001F600 </message_received>"));

        Assert.Equal([2, 5], recorded.Steps.Select(step => step.Version));
        Assert.Equal(model.Prompts.Select(prompt => (prompt.System, prompt.User)), recorded.Steps.Select(step => (step.System!, step.User!)));
        Assert.Equal("""{"intent":"multiply","a":3,"b":4}""", recorded.Steps[0].Output);
        Assert.Equal(["intent is \"multiply\""], recorded.Steps[0].Assertions.Select(assertion => assertion.ToString()));
    }

    [Fact]
    public async Task An_eval_holds_no_agent_and_no_prompt()
    {
        await using var bench = new AgentBench(TestAgents.Calculator, new ScriptedModel("""{"intent":"request_more_information","message":"Which?"}"""));

        Assert.Equal(
            """
            {
              "case": 1,
              "agent": "calculator",
              "events": [
                {"type":"thread_started","agent":"calculator","definition":"","input":{"message":"Hello"},"principal":"person_1","channel":"stdio","trigger":"message_received","depth":0,"at":"2026-03-01T09:00:00+00:00"},
                {"type":"step_chosen","intent":"request_more_information","arguments":{"message":"Which?"},"model":"scripted","at":"2026-03-01T09:00:00+00:00"},
                {"type":"request_opened","kind":"question","question":"Which?","answerable_by":"caller","at":"2026-03-01T09:00:00+00:00"}
              ],
              "steps": [
                {
                  "version": 2,
                  "assert": {
                    "intent": { "is": "request_more_information" }
                  }
                }
              ]
            }

            """, Cases.Text(bench, await bench.Start("Hello"), asEval: true));
    }

    [Fact]
    public async Task Secrets_and_names_of_people_stay_out()
    {
        var pay = TestAgents.Tool("pay", Tools.Effect.Effectful, _ => """{"token":"t0p","note":"Authorization: Bearer abcdefghijkl","n":1}""").Gated() with
        {
            People = new(Responders: ["mia", "ravi@example.com"]),
        };
        await using var bench = new AgentBench(TestAgents.Clerk(pay) with { Prompt = "Use api_key=k3y for it." }, new ScriptedModel(TestAgents.Step("pay", "rent password=hunter2"), TestAgents.Done));
        var log = await bench.Start("Pay with sk-abcdefgh1234 please");
        await Assert.ThrowsAsync<RefusedException>(() => bench.Host.Answer(log.Thread.Id, new("zoe", "slack"), null, true, null, null, owner: "mia"));
        log = await bench.Answer(log, approved: true, comment: "go");

        var text = Cases.Text(bench, log);

        Assert.All(["t0p", "abcdefghijkl", "k3y", "hunter2", "sk-abc", "mia", "ravi", "zoe"], secret => Assert.DoesNotContain(secret, text, StringComparison.Ordinal));
        var recorded = Cases.Parse(text);
        Assert.Contains("user: person_1", recorded.Steps[^1].User!, StringComparison.Ordinal);
        Assert.Equal("only person_1 or person_2 may answer this", recorded.Events.OfType<AnswerRefused>().Single().Reason);
        Assert.Equal(["person_1", "person_2"], recorded.Events.OfType<RequestOpened>().Single().Responders);
        Assert.Equal(JsonText.Parse("""{"token":"[redacted]","note":"Authorization: Bearer [redacted]","n":1}"""), recorded.Events.OfType<ToolReturned>().Single().Result);
        var replayed = await Cases.Replay(recorded, bench.Agents[0]);
        Assert.Null(replayed.Difference);
        Assert.Null(replayed.Prompt);
    }

    [Fact]
    [Trait("Accepts", "F4.2")]
    public void A_step_can_be_judged_without_running_it_or_asking_a_model()
    {
        var step = StepReader.Read(TestAgents.Calculator, """{"intent":"divide","a":3,"b":0}""", "hand", null, default);

        var divide = Assert.IsType<ChooseStep>(step);
        Assert.Null(new Assertion("arguments.b", "is", JsonText.Parse("0")).Miss(divide));
    }
}
