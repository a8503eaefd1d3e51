using System.Collections.Concurrent;
using System.Text.Json;
using AgentMcp.Server.Tests.Running;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using ModelContextProtocol.Client;

namespace AgentMcp.Server.Tests.Chains;

/// <summary>
/// Three agents, one below the other: chief calls boss, boss calls the calculator, which asks before it divides. The
/// model of chief and boss is an endpoint that hands every task down and every result up, and can be held.
/// </summary>
internal sealed class Chain : IAsyncDisposable
{
    private readonly TestFolder _folder = new();
    private readonly ConcurrentDictionary<string, (TaskCompletionSource Asked, TaskCompletionSource LetGo)> _held = new();
    private readonly WebApplication _model;

    /// <param name="chief">Further fields of the file of the chief.</param>
    public Chain(string chief = "")
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        _model = builder.Build();
        _model.MapPost("/v1/chat/completions", Answer);
        _model.Start();
        Directory.CreateDirectory(Agents);
        Write("chief", $"tools: [boss]\n{chief}");
        Write("boss", "tools: [calculator]");
    }

    public string Database => _folder.Database;

    private string Agents => Path.Combine(_folder.Path, "agents");

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string> { ["agents"] = Agents, ["base_url"] = _model.Urls.First() + "/v1" };

    public Task<RunningServer> Start(Transport transport, string? protocol = null, McpClientOptions? options = null, Dictionary<string, string>? more = null) =>
        RunningServer.Start(transport, Database, protocol, Settings.Concat(more ?? []).ToDictionary(), options);

    /// <summary>From now on the model does not answer this agent. The task ends when it was asked.</summary>
    public Task Hold(string agent)
    {
        var held = _held[agent] = (new(TaskCreationOptions.RunContinuationsAsynchronously), new(TaskCreationOptions.RunContinuationsAsynchronously));
        return held.Asked.Task.WaitAsync(TestContext.Current.CancellationToken);
    }

    public void LetGo(string agent)
    {
        if (_held.TryRemove(agent, out var held))
        {
            held.LetGo.SetResult();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _model.DisposeAsync();
        _folder.Dispose();
    }

    private async Task Answer(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var body = await reader.ReadToEndAsync(context.RequestAborted);
        var (agent, below) = body.Contains("You are chief.", StringComparison.Ordinal) ? ("chief", "boss") : ("boss", "calculator");
        if (_held.TryGetValue(agent, out var held))
        {
            held.Asked.TrySetResult();
            await held.LetGo.Task.WaitAsync(context.RequestAborted);
        }

        var step = JsonSerializer.Serialize(body.Contains("The result is 0.75.", StringComparison.Ordinal) ? new { intent = "done_for_now", message = $"{agent}: The result is 0.75." }
            : body.Contains("calculator failed", StringComparison.Ordinal) ? new { intent = "done_for_now", message = $"{agent}: calculator failed" }
            : new { intent = below, message = "divide 3 by 4" });
        await context.Response.WriteAsJsonAsync(new
        {
            id = "1",
            @object = "chat.completion",
            created = 0,
            model = "played",
            choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content = step } } },
            usage = new { prompt_tokens = 10, completion_tokens = 2, total_tokens = 12 },
        }, context.RequestAborted);
    }

    private void Write(string name, string fields) => File.WriteAllText(Path.Combine(Agents, name + ".agent.md"),
        $"---\nname: {name}\ndescription: An agent of the tests.\nmodel: \"openai:played\"\n{fields}\n---\nYou are {name}.\n");
}
