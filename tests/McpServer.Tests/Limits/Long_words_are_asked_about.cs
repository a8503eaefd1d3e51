using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Limits;

public sealed class Long_words_are_asked_about(SharedServers servers)
{
    // What the patterns of rules take longest for: one long word, much space, much that is nearly the end, and one that begins again and again.
    [Theory]
    [InlineData("calculator", "", "x", "")]
    [InlineData("calculator", "add", " ", "x")]
    [InlineData("calculator", "add 1 and ", ".", "x")]
    [InlineData("deploybot", "", "daily ", "")]
    public async Task A_text_that_rules_would_take_long_to_look_through_is_not_what_they_understand(string agent, string start, string again, string end)
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);

        var reply = await server.Do(agent, new { message = start + string.Concat(Enumerable.Repeat(again, 250_000 / again.Length)) + end, wait_seconds = 30 });

        Assert.Equal(("pending", "question", null), (reply.Status, reply.Kind, reply.Error));
    }
}
