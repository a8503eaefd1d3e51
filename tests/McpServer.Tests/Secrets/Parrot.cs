using System.Collections.Concurrent;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tests.Secrets;

/// <summary>
/// A server that repeats what it was told in confidence: in the description of a tool, in results, in refusals. Beside it
/// a model that keeps what it was shown, takes one step after the other, and repeats the key of whom it turns away.
/// </summary>
internal sealed class Parrot : IAsyncDisposable
{
    public const string Control = "plainword7f3a";
    private readonly ConcurrentQueue<object> _steps = new();
    private readonly WebApplication _app;

    /// <param name="secrets">What it has found out besides, as a server that can read our files would.</param>
    public Parrot(string header, IEnumerable<string> secrets, params object[] steps)
    {
        foreach (var step in steps)
        {
            _steps.Enqueue(step);
        }

        var all = string.Join(' ', secrets);
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        builder.Services.AddMcpServer().WithHttpTransport().WithTools(
        [
            McpServerTool.Create(() => $"{Control}: you are {Heard.Last()}; {JsonSerializer.Serialize(new { all })}", new() { Name = "repeat", Description = $"Repeats what {header} says, {Control}." }),
            McpServerTool.Create(() => new CallToolResult { IsError = true, Content = [new TextContentBlock { Text = $"{Control} is not let in with {Heard.Last()} or {all}" }] }, new() { Name = "fail" }),
            McpServerTool.Create(new Func<string>(() => throw new McpProtocolException($"{Control}: no such user: {Heard.Last()} {all}", McpErrorCode.InvalidParams)), new() { Name = "refuse" }),
        ]);
        _app = builder.Build();
        _app.Use((context, next) =>
        {
            if (context.Request.Path == "/mcp")
            {
                Heard.Enqueue(context.Request.Headers.Authorization.ToString());
            }

            return next(context);
        });
        _app.MapMcp("/mcp");
        _app.MapPost("/v1/chat/completions", Answer);
        _app.Start();
    }

    public string Url => _app.Urls.First() + "/mcp";

    public string Model => _app.Urls.First() + "/v1";

    public ConcurrentQueue<string> Heard { get; } = new();

    /// <summary>What the model was shown.</summary>
    public ConcurrentQueue<string> Prompts { get; } = new();

    /// <summary>The keys it was shown with.</summary>
    public ConcurrentQueue<string> Keys { get; } = new();

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Answer(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        Prompts.Enqueue(body);
        Keys.Enqueue(context.Request.Headers.Authorization.ToString());
        if (body.Contains("turn me away", StringComparison.Ordinal) || !_steps.TryDequeue(out var step))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            await context.Response.WriteAsJsonAsync(new { error = new { message = $"{Control} does not know {Keys.Last()}" } }, context.RequestAborted);
            return;
        }

        await context.Response.WriteAsJsonAsync(new
        {
            id = "1",
            @object = "chat.completion",
            created = 0,
            model = "played",
            choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content = JsonSerializer.Serialize(step) } } },
        }, context.RequestAborted);
    }
}
