using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Tests.Upstream;

/// <summary>
/// A server of somebody else, of before 2026-07-28, that answers letter for letter what a test has it say: a result, a
/// status, or nothing until the test lets it.
/// </summary>
internal sealed class Scribe : IAsyncDisposable
{
    private readonly Dictionary<string, (int Status, string Said)> _tools = [];
    private readonly ConcurrentDictionary<string, int> _calls = new();
    private readonly TaskCompletionSource _called = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _finished = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly WebApplication _app;
    private volatile int _lists;

    public Scribe()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapPost("/mcp", Answer);
        _app.Start();
    }

    public string Url => _app.Urls.First() + "/mcp";

    /// <summary>Of each tool, as it stands on the wire.</summary>
    public string Description { get; init; } = "Says what it was told to.";

    /// <summary>Its tool <c>slow</c> was called, and answers once it is told to.</summary>
    public Task SlowWasCalled => _called.Task;

    /// <summary>How often it was asked for its tools.</summary>
    public int Lists => _lists;

    public bool ListsNothing { get; set; }

    /// <summary>How often a tool was called.</summary>
    public int Calls(string tool) => _calls.GetValueOrDefault(tool);

    public void FinishSlow() => _finished.TrySetResult();

    /// <param name="result">As it stands on the wire.</param>
    public Scribe With(string tool, string result, int status = StatusCodes.Status200OK)
    {
        _tools[tool] = (status, result);
        return this;
    }

    public Scribe Without(string tool)
    {
        _tools.Remove(tool);
        return this;
    }

    public async ValueTask DisposeAsync()
    {
        _finished.TrySetResult();
        await _app.DisposeAsync();
    }

    private async Task Answer(HttpContext context)
    {
        var asked = (await JsonNode.ParseAsync(context.Request.Body, cancellationToken: context.RequestAborted))!;
        if (asked["id"] is not { } id)
        {
            context.Response.StatusCode = StatusCodes.Status202Accepted;
            return;
        }

        var (status, said) = await Said(asked);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        await context.Response.WriteAsync($"{{\"jsonrpc\":\"2.0\",\"id\":{id.ToJsonString()},{said}}}", context.RequestAborted);
    }

    private async Task<(int Status, string Said)> Said(JsonNode asked)
    {
        switch (asked["method"]!.ToString())
        {
            case "initialize":
                return (200, """ "result":{"protocolVersion":"2025-06-18","capabilities":{"tools":{}},"serverInfo":{"name":"scribe","version":"1"}} """);
            case "tools/list":
                Interlocked.Increment(ref _lists);
                await (ListsNothing ? _finished.Task : Task.CompletedTask);
                return (200, $"\"result\":{{\"tools\":[{string.Join(',', _tools.Keys.Append("slow").Select(Described))}]}}");
            case "tools/call":
                return await Called(asked["params"]!["name"]!.ToString());
            default:
                return (200, """ "error":{"code":-32601,"message":"there is no such method"} """);
        }
    }

    private string Described(string tool) => $"{{\"name\":\"{tool}\",\"description\":\"{Description}\",\"inputSchema\":{{\"type\":\"object\"}}}}";

    private async Task<(int Status, string Said)> Called(string tool)
    {
        _calls.AddOrUpdate(tool, 1, (_, calls) => calls + 1);
        if (tool == "slow")
        {
            _called.TrySetResult();
            await _finished.Task;
            return (200, """ "result":{"content":[{"type":"text","text":"slowly done"}]} """);
        }

        return _tools.TryGetValue(tool, out var known) ? (known.Status, $"\"result\":{known.Said}")
            : (200, $"\"error\":{{\"code\":-32602,\"message\":\"Unknown tool: '{tool}'\"}}");
    }
}
