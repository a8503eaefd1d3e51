using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Wire;

public sealed class Text_survives(SharedServers servers)
{
    [Theory]
    [Trait("Accepts", "R.7")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Quotes_line_breaks_and_any_script_come_back_as_they_went(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        const string Words = "\"quoted\" \\ back\r\nline\ttab <b>&amp;</b> 'single' äöü 漢字 🚀 \u2028 \u0001 \u007f";
        var start = await server.Do("puppet", new { message = Words });

        var done = await server.Do("resume_thread", new { thread_id = start.ThreadId, response = new { intent = "nothing_to_do", message = Words } });
        var log = await server.Do("get_thread", new { thread_id = start.ThreadId, include_events = true });

        Assert.Equal(Words, done.Message);
        Assert.Equal(Words, log.Json.GetProperty("events")[0].GetProperty("input").GetProperty("message").GetString());
    }
}
