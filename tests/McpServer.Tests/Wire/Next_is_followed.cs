using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Wire;

/// <summary>A client that knows nothing but how to read "next" gets every thread to its end.</summary>
public sealed partial class Next_is_followed(SharedServers servers)
{
    [Theory]
    [Trait("Accepts", "W.3")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Doing_what_next_says_ends_a_thread_that_asks_for_approval(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);

        var reply = await server.Do("calculator", new { message = "divide 3 by 4, then add 1" });
        reply = await Follow(server, reply, ("approved", true));

        Assert.Equal("The result is 1.75.", reply.Message);
        reply = await Follow(server, reply, ("response", "multiply it by 2"));
        Assert.Equal("The result is 3.5.", reply.Message);
    }

    [Theory]
    [Trait("Accepts", "W.3")]
    [Trait("Accepts", "W.6")]
    [MemberData(nameof(Ways.All), MemberType = typeof(Ways))]
    public async Task Doing_what_next_says_waits_for_a_thread_that_runs(Transport transport, string protocol)
    {
        var server = await servers.Of(transport, protocol);
        var held = servers.Model.Hold();

        var reply = await server.Do("slow", new { message = held.Word, wait_seconds = 0 });
        held.Finish("Slow but sure.");
        reply = await Follow(server, reply);

        Assert.Equal("Slow but sure.", reply.Message);
    }

    [Fact]
    [Trait("Accepts", "W.3")]
    public async Task Doing_what_next_says_tries_a_failed_thread_again_from_an_earlier_point()
    {
        var server = await servers.Of(Transport.Stdio, Ways.Newest);
        var reply = await server.Do("brief", new { message = "go" });
        reply = await Follow(server, reply, ("response", new { intent = "add", a = 1, b = 2 }));
        reply = await Follow(server, reply, ("approved", false));
        Assert.Equal("failed", reply.Status);

        reply = await Follow(server, reply, ("at_version", 1));

        Assert.Equal(("pending", "next_step"), (reply.Status, reply.Kind));
    }

    // Reads the tool and the quoted arguments from the sentence; only what a user would say comes from the test.
    private static async Task<Reply> Follow(RunningServer server, Reply reply, params (string Name, object Value)[] said)
    {
        var arguments = Argument().Matches(reply.Next).ToDictionary(found => found.Groups[1].Value, found => (object)found.Groups[2].Value);
        foreach (var (name, value) in said)
        {
            Assert.Contains($"and {name}", reply.Next.Replace("a response", "response", StringComparison.Ordinal), StringComparison.Ordinal);
            arguments[name] = value;
        }

        return await server.Do(Tool().Match(reply.Next).Groups[1].Value, JsonSerializer.SerializeToElement(arguments));
    }

    [GeneratedRegex("[Cc]all ([a-z_]+)")]
    private static partial Regex Tool();

    [GeneratedRegex("([a-z_]+) \"([^\"]+)\"")]
    private static partial Regex Argument();
}
