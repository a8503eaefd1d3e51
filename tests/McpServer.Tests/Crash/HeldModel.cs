using System.Text.Json;
using System.Threading.Channels;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Tests.Crash;

/// <summary>A provider on the loopback whose every reply waits for the test.</summary>
internal sealed class HeldModel : IAsyncDisposable
{
    private readonly Channel<Question> _asked = Channel.CreateUnbounded<Question>();
    private readonly WebApplication _app;

    private HeldModel(WebApplication app) => _app = app;

    public IReadOnlyDictionary<string, string> Settings => new Dictionary<string, string>
    {
        ["model"] = "openai:held",
        ["base_url"] = _app.Urls.First() + "/v1",
        ["wait"] = "60",
    };

    public static async Task<HeldModel> Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var model = new HeldModel(builder.Build());
        model._app.MapPost("/v1/chat/completions", model.Answer);
        await model._app.StartAsync();
        return model;
    }

    /// <summary>The next question of any server.</summary>
    public Task<Question> Asked(CancellationToken cancellation) =>
        _asked.Reader.ReadAsync(cancellation).AsTask().WaitAsync(TimeSpan.FromMinutes(1), cancellation);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task<IResult> Answer(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var question = new Question(await reader.ReadToEndAsync(request.HttpContext.RequestAborted));
        await _asked.Writer.WriteAsync(question);
        var step = await question.Reply.WaitAsync(request.HttpContext.RequestAborted);
        return Results.Text(JsonSerializer.Serialize(new
        {
            id = "chatcmpl-1",
            @object = "chat.completion",
            created = 1767323045,
            model = "held",
            choices = new[] { new { index = 0, message = new { role = "assistant", content = step }, finish_reason = "stop" } },
            usage = new { prompt_tokens = 4, completion_tokens = 1, total_tokens = 5 },
        }), "application/json");
    }

    /// <param name="Body">The request, as sent.</param>
    internal sealed record Question(string Body)
    {
        private readonly TaskCompletionSource<string> _reply = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task<string> Reply => _reply.Task;

        public void Choose(object step) => _reply.SetResult(JsonSerializer.Serialize(step));
    }
}
