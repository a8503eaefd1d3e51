using System.Text.Json;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using Microsoft.Extensions.AI;
using Usage = AgentMcp.State.Threads.Usage;

namespace AgentMcp.Agents.Models;

/// <summary>
/// A model behind any chat client. One turn is one request: the system message, one user message, and the demand for
/// one step. What comes back is passed on as text and judged by the reader; nothing is called from here.
/// </summary>
/// <param name="connect">Makes the client at the first turn: loading an SDK would slow down every start.</param>
/// <param name="price">What it costs; null when that is not known.</param>
/// <param name="gate">Where turns wait for their place; null for no limit.</param>
internal sealed class ChatModel(
    string name, Func<IChatClient> connect, StructuredOutput output = StructuredOutput.Tools, int? maxOutputTokens = null, Price? price = null, RateGate? gate = null) : IModel
{
    private readonly Lazy<IChatClient> _client = new(connect);

    public string Name => name;

    public Estimate Reserve(ModelTurn turn) => new(name, Priced(new(PromptOf(turn), Most(turn) ?? ModelSettings.LongestReply)));

    public async Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation)
    {
        if (gate is null)
        {
            return await Ask(turn, cancellation).ConfigureAwait(false);
        }

        var expected = gate.CountsTokens ? PromptOf(turn) : 0;
        await gate.Enter(expected, cancellation).ConfigureAwait(false);
        ModelReply.Said? said = null;
        try
        {
            return said = await Ask(turn, cancellation).ConfigureAwait(false);
        }
        finally
        {
            gate.Leave(expected, said?.Usage is { } usage ? usage.InputTokens + usage.OutputTokens : null);
        }
    }

    private async Task<ModelReply.Said> Ask(ModelTurn turn, CancellationToken cancellation)
    {
        ChatMessage[] messages = [new(ChatRole.System, turn.Prompt.System), new(ChatRole.User, turn.Prompt.User)];
        try
        {
            var response = await _client.Value.GetResponseAsync(messages, Options(turn), cancellation).ConfigureAwait(false);
            var said = Read(response);
            return new(said, Taken(turn, response, said) is { } usage ? Priced(usage) : null);
        }
        catch (Exception e) when (e is not ModelException && !cancellation.IsCancellationRequested)
        {
            // What the provider sent is JSON, but no reply the client can read. Which exception that is differs by SDK and version.
            throw new ModelException($"The exchange with {name} failed: {e.Message.Split('\n')[0].Trim().TrimEnd('.')}.", mayPass: true, e);
        }
    }

    // The schema is in the prompt, and a second time as what the reply is bound to.
    private static int PromptOf(ModelTurn turn) => Tokens.Count(turn.Prompt.System) + Tokens.Count(turn.Prompt.User) + Tokens.Count(turn.Prompt.Schema.Text);

    private ChatOptions Options(ModelTurn turn) => output is StructuredOutput.JsonSchema
        ? new() { MaxOutputTokens = Most(turn), ResponseFormat = ChatResponseFormat.ForJsonSchema(Root(turn.Prompt.Schema), "step") }
        : new()
        {
            MaxOutputTokens = Most(turn),
            Tools = [.. turn.Agent.Intents.Select(Declare)],
            ToolMode = output is StructuredOutput.OfferedTools ? ChatToolMode.Auto : ChatToolMode.RequireAny,
            AllowMultipleToolCalls = false,
        };

    private static AITool Declare(Intent intent) => AIFunctionFactory.CreateDeclaration(intent.DeclaredName, intent.Description, intent.Arguments.Element());

    private static JsonElement Root(JsonText step) => JsonElement.Parse(
        $$"""{"type":"object","properties":{"step":{{step}}},"required":["step"],"additionalProperties":false}""");

    /// <summary>
    /// A cut off or filtered reply may hold an object that looks whole, so nothing of it is passed on: a sentence takes
    /// its place, which is no step.
    /// </summary>
    private static string Read(ChatResponse response)
    {
        var contents = response.Messages.SelectMany(message => message.Contents).ToList();
        var refusal = contents.OfType<ErrorContent>().FirstOrDefault();
        var calls = contents.OfType<FunctionCallContent>().ToList();
        return response.FinishReason switch
        {
            _ when refusal is not null => $"The model refused to answer: {refusal.Message}",
            { } reason when reason == ChatFinishReason.ContentFilter => "The model refused to answer.",
            { } reason when reason == ChatFinishReason.Length => "The reply was cut off at the limit of output tokens.",
            _ when calls.Count > 0 => string.Join('\n', calls.Select(Step)),
            _ when string.IsNullOrWhiteSpace(response.Text) => "The model gave an empty reply.",
            _ => response.Text,
        };
    }

    private static string Step(FunctionCallContent call) => call.Exception is null
        ? JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("intent", call.Name);
            foreach (var (argument, value) in (call.Arguments ?? new Dictionary<string, object?>()).Where(pair => pair.Key != "intent"))
            {
                writer.WritePropertyName(argument);
                JsonSerializer.Serialize(writer, value, AIJsonUtilities.DefaultOptions);
            }

            writer.WriteEndObject();
        }).Text
        : $"The arguments of {call.Name} are not a JSON object.";

    // A limit that steps are measured by needs replies of a length that is known beforehand.
    private int? Most(ModelTurn turn) =>
        turn.Agent.Limits.Reply ?? maxOutputTokens ?? (Budgets.Measure(turn.Log.Thread, turn.Agent.Limits) ? ModelSettings.LongestReply : null);

    // Many endpoints count nothing. A limit would never fill then, so that what it is measured by is counted here.
    private Usage? Taken(ModelTurn turn, ChatResponse response, string said) => response.Usage switch
    {
        { } usage when usage.InputTokenCount > 0 || usage.OutputTokenCount > 0 => Count(usage),
        _ when Budgets.Measure(turn.Log.Thread, turn.Agent.Limits) =>
            new(PromptOf(turn), response.FinishReason == ChatFinishReason.Length ? Most(turn) ?? ModelSettings.LongestReply : Tokens.Count(said)),
        { } usage => Count(usage),
        null => null,
    };

    private Usage Priced(Usage usage) => price?.Of(usage) ?? usage;

    private static Usage Count(UsageDetails usage) =>
        new(usage.InputTokenCount ?? 0, usage.OutputTokenCount ?? 0, usage.CachedInputTokenCount is > 0 and var cached ? cached : null);
}
