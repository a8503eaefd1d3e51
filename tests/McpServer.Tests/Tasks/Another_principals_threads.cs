using System.Text.Json;
using AgentMcp.Server.Access;
using AgentMcp.Server.Protocol;
using AgentMcp.Server.Tests.Running;
using AgentMcp.Server.Tests.Subscriptions;
using AgentMcp.State.Json;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tests.Tasks;

/// <summary>A filter says who a request is from, as the entrance does over HTTP.</summary>
public sealed class Another_principals_threads
{
    [Theory]
    [Trait("Accepts", "P.1")]
    [InlineData("tasks/get", "\"taskId\":\"ID\"")]
    [InlineData("tasks/update", "\"taskId\":\"ID\",\"inputResponses\":{}")]
    [InlineData("tasks/cancel", "\"taskId\":\"ID\"")]
    [InlineData("subscriptions/listen", "\"notifications\":{\"taskIds\":[\"ID\"],\"resourceSubscriptions\":[\"thread://ID\"]}")]
    public async Task They_look_like_threads_that_are_not_there(string method, string parameters)
    {
        const string nobodys = "thr_00000000000000000000000000000000";
        await using var server = new InProcess();
        var options = new McpServerOptions();
        options.Filters.Message.IncomingFilters.Add(next => (context, cancellation) =>
        {
            if (context.JsonRpcMessage is ModelContextProtocol.Protocol.JsonRpcRequest { Params: { } sent } && sent["from"]?.GetValue<string>() is { } name)
            {
                context.User = new(new PrincipalIdentity(new(name, Roles.Run)));
            }

            return next(context, cancellation);
        });
        new McpSetup(server.Core, "http").Apply(options);
        server.Serve(options);
        var thread = (await server.Core.Host.Start("calculator", JsonText.Parse("""{"message":"multiply 3 and 4"}"""), new("ravi", "http"))).Value;

        var theirs = await Ask(thread, "mia");
        var none = await Ask(nobodys, "mia");
        var own = await Ask(thread, "ravi");

        Assert.Equal(Shown.Of(none, nobodys), Shown.Of(theirs, thread));
        Assert.NotEqual(Shown.Of(own, thread), Shown.Of(theirs, thread));
        Assert.False(own.TryGetProperty("error", out _));

        async Task<JsonElement> Ask(string id, string from)
        {
            await server.Send("""{"jsonrpc":"2.0","id":1,"method":"METHOD","params":{PARAMETERS,"from":"FROM","_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","io.modelcontextprotocol/clientInfo":{"name":"test","version":"1"},"io.modelcontextprotocol/clientCapabilities":{"extensions":{"io.modelcontextprotocol/tasks":{}}}}}}"""
                .Replace("METHOD", method, StringComparison.Ordinal).Replace("PARAMETERS", parameters, StringComparison.Ordinal)
                .Replace("ID", id, StringComparison.Ordinal).Replace("FROM", from, StringComparison.Ordinal));
            return await server.Next();
        }
    }
}
