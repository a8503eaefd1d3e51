using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Tests.Running;

/// <summary>
/// A model endpoint (chat completions) that answers nobody until the test lets it. What it holds is told apart by a
/// word in the message, so that tests share one endpoint.
/// </summary>
public sealed partial class HeldModel : IAsyncDisposable
{
    private readonly ConcurrentDictionary<string, Held> _held = new();
    private readonly WebApplication _app;

    public HeldModel()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapPost("/v1/chat/completions", Answer);
        _app.Start();
    }

    public string BaseUrl => _app.Urls.First() + "/v1";

    /// <summary>Put <see cref="Held.Word"/> into a message, and the model does not answer until told.</summary>
    public Held Hold()
    {
        var held = new Held("hold-" + Guid.NewGuid().ToString("N"));
        return _held[held.Word] = held;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Answer(HttpContext context)
    {
        using var reader = new StreamReader(context.Request.Body);
        var held = _held[Word().Match(await reader.ReadToEndAsync(context.RequestAborted)).Value];
        held.Ask();
        var step = await held.Step.WaitAsync(context.RequestAborted);
        await context.Response.WriteAsJsonAsync(new
        {
            id = "1",
            @object = "chat.completion",
            created = 0,
            model = "held",
            choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content = step } } },
        }, context.RequestAborted);
    }

    [GeneratedRegex("hold-[0-9a-f]{32}")]
    private static partial Regex Word();

    public sealed class Held(string word)
    {
        private readonly TaskCompletionSource _asked = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<string> _step = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public string Word => word;

        /// <summary>Ends when the model was asked.</summary>
        public Task Asked => _asked.Task.WaitAsync(TestContext.Current.CancellationToken);

        internal Task<string> Step => _step.Task;

        public void Release(object step) => _step.TrySetResult(JsonSerializer.Serialize(step));

        public void Finish(string message = "It is done.") => Release(new { intent = "done_for_now", message });

        internal void Ask() => _asked.TrySetResult();
    }
}
