using System.Text.Json;
using System.Text.Json.Nodes;
using System.Threading.Channels;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

// MCP9005: sampling is going away from the protocol one day; clients of today have it.
#pragma warning disable MCP9005

namespace AgentMcp.Server.Tests.Access;

/// <summary>
/// A session is bound to a name, and whoever bears it may have other roles in the middle of a call. What comes later
/// counts as what it came with. Tokens show it, since an earlier one holds beside a later one.
/// </summary>
public sealed class A_session_outlives_what_began_it : IAsyncLifetime
{
    private TokenIssuer _issuer = null!;

    public async ValueTask InitializeAsync() => _issuer = await TokenIssuer.Start();

    [Theory]
    [Trait("Accepts", "P.4")]
    [InlineData("accept")]
    [InlineData("decline")]
    public async Task A_form_counts_as_filled_in_by_whoever_brought_it(string action)
    {
        await using var server = await Start(("approvals", "human"));
        var http = server.As(_issuer.Token("mia", "run approve"));
        await using var client = await server.Mcp(http, Ways.Sessions, new()
        {
            Handlers = new()
            {
                ElicitationHandler = (_, _) =>
                {
                    Show(http, "mia", "run");
                    return ValueTask.FromResult(new ElicitResult { Action = action, Content = new Dictionary<string, JsonElement> { ["approve"] = JsonElement.Parse("true") } });
                },
            },
        });

        var asked = await client.CallToolAsync("calculator", new Dictionary<string, object?> { ["message"] = "divide 3 by 4" }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.StartsWith("The answer in the form was not taken: it is not yours to give. ", ((TextContentBlock)asked.Content[0]).Text, StringComparison.Ordinal);
        Assert.Equal(("pending", 3), (asked.StructuredContent!.Value.GetProperty("status").GetString(), asked.StructuredContent!.Value.GetProperty("version").GetInt32()));
    }

    [Fact]
    [Trait("Accepts", "P.1")]
    public async Task A_step_counts_as_chosen_by_whoever_brought_it()
    {
        await using var server = await Start(("model", "sampling"));
        var http = server.As(_issuer.Token("ci", "run"));
        await using var client = await server.Mcp(http, Ways.Sessions, new()
        {
            Handlers = new()
            {
                SamplingHandler = (_, _, _) =>
                {
                    Show(http, "ci", "read");
                    return ValueTask.FromResult(new CreateMessageResult { Role = Role.Assistant, Model = "test-model", Content = [new TextContentBlock { Text = """{"intent":"done_for_now","message":"It is 7."}""" }] });
                },
            },
        });

        var asked = await client.CallToolAsync("calculator", new Dictionary<string, object?> { ["message"] = "add 3 and 4" }, cancellationToken: TestContext.Current.CancellationToken);

        Assert.StartsWith("The step of the client's model was not taken: it is not yours to choose. ", ((TextContentBlock)asked.Content[0]).Text, StringComparison.Ordinal);
        Assert.Equal("pending", asked.StructuredContent!.Value.GetProperty("status").GetString());
    }

    [Theory]
    [Trait("Accepts", "P.1")]
    [InlineData("read run", "run", new[] { "mias" })]
    [InlineData("run", "read run", new[] { "anas", "mias" })]
    public async Task Whoever_subscribed_last_is_told(string before, string after, string[] expected)
    {
        await using var server = await Start();
        var (anas, mias, last) = ((await server.Asking("ana")).Thread.Id, (await server.Asking("mia")).Thread.Id, (await server.Asking("mia")).Thread.Id);
        var http = server.As(_issuer.Token("mia", before));
        await using var mia = await server.Mcp(http, Ways.Sessions);
        var told = Channel.CreateUnbounded<JsonNode?>();
        await using var listening = mia.RegisterNotificationHandler(NotificationMethods.ResourceUpdatedNotification,
            (notification, cancellation) => told.Writer.WriteAsync(notification.Params, cancellation));
        await Subscribe(before == "run" ? mias : anas);
        Show(http, "mia", after);
        await Subscribe(before == "run" ? anas : mias);
        await Subscribe(last);

        foreach (var (thread, owner) in new[] { (anas, "ana"), (mias, "mia"), (last, "mia") })
        {
            await server.Core.Host.LeaveOpen(thread, new(owner, "form"), new(3), "it was closed", owner);
        }

        List<string> names = [];
        // Which of those that moved together is told first is nobody's promise.
        while (names.Count <= expected.Length)
        {
            var uri = (await told.Reader.ReadAsync(TestContext.Current.CancellationToken))!["uri"]!.GetValue<string>();
            names.Add(uri == $"thread://{anas}" ? "anas" : uri == $"thread://{mias}" ? "mias" : "last");
        }

        Assert.Equal([.. expected, "last"], names.Order(StringComparer.Ordinal).OrderBy(name => name == "last"));

        Task Subscribe(ThreadId thread) => mia.SubscribeToResourceAsync($"thread://{thread}", cancellationToken: TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync() => _issuer.DisposeAsync();

    private Task<GuardedServer> Start(params (string, string)[] settings) =>
        GuardedServer.Start([("auth", "oidc"), ("oidc_authority", _issuer.Url), ("oidc_audience", "agentmcp"), .. settings]);

    private void Show(HttpClient client, string name, string roles) => client.DefaultRequestHeaders.Authorization = new("Bearer", _issuer.Token(name, roles));
}
