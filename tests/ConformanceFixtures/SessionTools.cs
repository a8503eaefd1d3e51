using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.ConformanceFixtures;

/// <summary>Tools that talk to the client while they are called: log messages, progress, its model.</summary>
internal static class SessionTools
{
    public static IEnumerable<McpServerTool> All()
    {
        yield return Fixtures.Tool("test_tool_with_logging", "Logs while it works.", async (McpServer server, CancellationToken cancellation) =>
        {
            foreach (var line in (string[])["Tool execution started", "Tool processing data", "Tool execution completed"])
            {
                await Log(server, line, cancellation).ConfigureAwait(false);
            }

            return Fixtures.Text("Logged three lines.");
        });
        yield return Fixtures.Tool("test_logging_tool", "Logs if the request asks for it.", async (RequestContext<CallToolRequestParams> request, CancellationToken cancellation) =>
        {
            if (request.JsonRpcRequest.Context?.LogLevel is not null)
            {
                await Log(request.Server, "As asked", cancellation).ConfigureAwait(false);
            }

            return Fixtures.Text("Logged if it was to be.");
        });
        yield return Fixtures.Tool("test_tool_with_progress", "Reports progress.", (IProgress<ProgressNotificationValue> progress) =>
        {
            foreach (var done in (float[])[0, 50, 100])
            {
                progress.Report(new() { Progress = done, Total = 100 });
            }

            return Fixtures.Text("Reported three times.");
        });
        yield return Fixtures.Tool("test_sampling", "Asks the client's model.", async (string prompt, McpServer server, CancellationToken cancellation) =>
        {
            var said = await server.SampleAsync(new()
            {
                Messages = [new() { Role = Role.User, Content = [new TextContentBlock { Text = prompt }] }],
                MaxTokens = 100,
            }, cancellation).ConfigureAwait(false);
            return Fixtures.Text($"LLM response: {said.Content.OfType<TextContentBlock>().FirstOrDefault()?.Text}");
        });
        yield return Fixtures.Tool("test_missing_capability", "Needs a client with a model.", (RequestContext<CallToolRequestParams> request) =>
            request.Server.ClientCapabilities?.Sampling is not null ? Fixtures.Text("It has one.")
                : throw new MissingRequiredClientCapabilityException(new ClientCapabilities { Sampling = new() }));
    }

    private static Task Log(McpServer server, string line, CancellationToken cancellation) => server.SendNotificationAsync(NotificationMethods.LoggingMessageNotification,
        new LoggingMessageNotificationParams { Level = LoggingLevel.Info, Logger = "fixture", Data = JsonSerializer.SerializeToElement(line) }, cancellationToken: cancellation);
}
