using AgentMcp.Agents.Microagents.Asking;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Asking;

public sealed class Only_what_was_asked_is_allowed
{
    private static readonly DateTimeOffset Now = new(2026, 11, 22, 9, 30, 0, TimeSpan.Zero);
    private static readonly JsonText Asked = JsonText.Parse("""{"fn":"send_mail","kwargs":{"to":"mia"},"state":{"order":7}}""");
    private static readonly BoundAction Action = ActionDigest.Bind(AskingAgents.FunctionCall, JsonText.Parse("""{"fn":"send_mail","kwargs":{"to":"mia"}}"""));

    private static readonly ThreadEvent Start = new ThreadStarted(Now, AskingAgents.FunctionCall, "sha256:1", Asked, "local", "rest", "message_received");
    private static readonly ThreadEvent Step = new StepChosen(Now, AskingAgents.FunctionCall, Asked, "rules");
    private static readonly ThreadEvent Leave = new RequestOpened(Now, RequestKind.Approval, "May send_mail be called?", Action: Action);

    [Fact]
    [Trait("Accepts", "P.5")]
    public void The_answer_to_the_action_itself_is_what_is_told()
    {
        Assert.Equal("""{"intent":"function_call","fn":"send_mail","kwargs":{"to":"mia"},"state":{"order":7}}""", Next(Start));
        Assert.Equal("""{"intent":"answered","approved":false,"comment":"not today","reject_option_name":null}""",
            Next(Start, Step, Leave, new RequestAnswered(Now, new(3), "local", "rest", Approved: false, Comment: "not today")));
        Assert.Equal("""{"intent":"answered","approved":false,"comment":"Nobody answered in time.","reject_option_name":null}""",
            Next(Start, Step, Leave, new RequestExpired(Now, new(3))));
        Assert.Equal("""{"intent":"answered","approved":true,"comment":null,"reject_option_name":null}""",
            Next(Start, Step, Leave, new RequestAnswered(Now, new(3), "local", "rest", Approved: true), new ToolStarted(Now, new(2), 1), new ToolReturned(Now, new(2), JsonText.Of(true))));
    }

    [Fact]
    [Trait("Accepts", "R.2")]
    public void Leave_that_was_given_for_anything_else_is_no_leave_for_the_action()
    {
        var limit = new RequestOpened(Now, RequestKind.Budget, "May it go on?");

        Assert.StartsWith("""{"intent":"function_call",""", Next(Start, limit, new RequestAnswered(Now, new(2), "local", "rest", Approved: true)), StringComparison.Ordinal);
        Assert.StartsWith("""{"intent":"answered","approved":false,""", Next(Start, Step, Leave, new RequestExpired(Now, new(3)), limit,
            new RequestAnswered(Now, new(5), "local", "rest", Approved: true)), StringComparison.Ordinal);
    }

    private static string Next(params ThreadEvent[] log) =>
        AskingAgents.All.Single(agent => agent.Name == AskingAgents.FunctionCall).Rules!(ThreadLog.Of(ThreadId.New(Now), log));
}
