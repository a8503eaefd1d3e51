using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Cli;

namespace AgentMcp.Server.Tests.Triggers;

public sealed class Triggers_are_configured : IDisposable
{
    private readonly CommandLine _agentmcp = new();

    public void Dispose() => _agentmcp.Dispose();

    [Theory]
    [InlineData("AGENT=calculator", "it needs a type: webhook, slack, email")]
    [InlineData("TYPE=carrier AGENT=calculator", "its type must be webhook or slack or email, not 'carrier'")]
    [InlineData("TYPE=webhook SECRET=whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "it must name the agent it starts: agent, or routes")]
    [InlineData("TYPE=webhook AGENT=calculator", "it needs a secret, its own or that of a webhook channel it names")]
    [InlineData("TYPE=webhook AGENT=calculator SECRET=hush", "each secret must be whsec_ and 24 to 64 bytes in base64")]
    [InlineData("TYPE=webhook AGENT=calculator CHANNEL=ops", "there is no channel 'ops'; none is configured")]
    [InlineData("TYPE=webhook ROUTES=nothing", "routes must be fields, each an agent by what it is for")]
    [InlineData("TYPE=webhook AGENT=calculator URL=https://a.example", "there is no 'url' for webhook; there are type, agent, agents, routes, from, channel, secret")]
    [InlineData("TYPE=slack AGENT=calculator CHANNEL=ops", "slack needs from")]
    [InlineData("TYPE=email AGENT=calculator FROM=*", "it needs a secret, with which mails are signed that are posted to it")]
    public async Task Half_a_trigger_stops_the_start_with_one_line_that_says_what_is_missing(string fields, string problem)
    {
        foreach (var field in fields.Split(' '))
        {
            _agentmcp.Environment[$"AGENTMCP_TRIGGERS__CI__{field.Split('=')[0]}"] = field.Split('=', 2)[1];
        }

        var ran = await _agentmcp.Run("threads");
        Assert.Equal((2, $"The trigger 'ci' cannot be used: {problem}. See triggers in appsettings.json, or AGENTMCP_TRIGGERS__CI__*."), (ran.ExitCode, ran.Error.Trim()));
    }

    [Theory]
    [Trait("Accepts", "F5.5")]
    [InlineData("caller")]
    [InlineData("sampling")]
    public async Task Doctor_names_an_agent_that_is_not_there_and_one_that_nobody_would_drive(string model)
    {
        foreach (var (name, value) in new[] { ("TYPE", "webhook"), ("SECRET", Receiver.Secret), ("ROUTES", "conversation.created=nobody"), ("AGENT", "calculator") })
        {
            _agentmcp.Environment["AGENTMCP_TRIGGERS__CI__" + name] = value;
        }

        var ran = await _agentmcp.Run("doctor", "--json", "--model", model);
        Assert.Equal(
            [
                ("ok", "ci: webhook, agent calculator, routes (set), secret (set); POST /triggers/ci of agentmcp http"),
                ("note", $"ci starts calculator, and its model is {model}: nobody calls it, so its threads wait until somebody chooses their steps. Set a model for it."),
                ("broken", "ci starts the agent 'nobody', which is not there"),
            ],
            ran.Json.GetProperty("checks").EnumerateArray().Where(check => check.GetProperty("name").GetString() == "triggers")
                .Select(check => (check.GetProperty("status").GetString()!, check.GetProperty("detail").GetString()!.Split("; there are")[0])));
        Assert.DoesNotContain(Receiver.Secret, ran.Output, StringComparison.Ordinal);
    }
}
