using AgentMcp.Server.Tests.Running;
using static AgentMcp.Server.Tests.Pause.FormHost;

namespace AgentMcp.Server.Tests.Pause;

public sealed class Forms_shown_by_the_host(SharedServers servers)
{
    [Theory]
    [Trait("Accepts", "X.2")]
    [MemberData(nameof(FormHost.Ways), MemberType = typeof(FormHost))]
    public async Task An_approval_given_in_the_form_finishes_the_call_that_met_it(Transport transport, string protocol)
    {
        await using var host = await Start(servers, transport, protocol, Fills(new { approve = true }));

        var done = await host.Server.Do("calculator", new { message = "divide 3 by 4" });

        Assert.Equal((protocol, "completed", "The result is 0.75."), (host.Server.Client.NegotiatedProtocolVersion, done.Status, done.Message));
        Assert.Equal(["calculator asks for approval: Run divide with a 3, b 4?\n\nIf approved, divide runs with:\n  a: 3\n  b: 4"], host.Messages);
    }
}
