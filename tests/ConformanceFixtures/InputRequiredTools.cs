using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;
using static ModelContextProtocol.Protocol.ElicitRequestParams;

namespace AgentMcp.ConformanceFixtures;

/// <summary>Tools that answer <c>input_required</c> until they are called again with what they asked for.</summary>
internal static class InputRequiredTools
{
    private static readonly byte[] Key = RandomNumberGenerator.GetBytes(32);

    public static IEnumerable<McpServerTool> All()
    {
        yield return Tool("elicitation", call => Filled(call, "user_name") is { } form ? $"Hello, {form["name"]}!" : throw Need(null, ("user_name", Form("What is your name?", "name"))));
        yield return Tool("sampling", call => Sampled(call, "capital_question") ?? throw Need(null, ("capital_question", Sample("What is the capital of France?"))));
        yield return Tool("list_roots", call => Roots(call, "client_roots") ?? throw Need(null, ("client_roots", InputRequest.ForRootsList(new()))));
        yield return Tool("request_state", call => State(call) == "confirming" && Filled(call, "confirm") is not null ? "state-ok" : throw Need("confirming", ("confirm", Confirmation())));
        yield return Tool("tampered_state", call => State(call) == "guarded" && Filled(call, "confirm") is not null ? "Untouched." : throw Need("guarded", ("confirm", Confirmation())));
        yield return Tool("multiple_inputs", call =>
            State(call) == "all" && Filled(call, "user_name") is { } form && Sampled(call, "greeting") is { } greeting && Roots(call, "client_roots") is { } roots
                ? $"{greeting}, {form["name"]}: {roots}"
                : throw Need("all", ("user_name", Form("What is your name?", "name")), ("greeting", Sample("Generate a greeting")), ("client_roots", InputRequest.ForRootsList(new()))));
        yield return Tool("multi_round", call => (State(call), Filled(call, "step1"), Filled(call, "step2")) switch
        {
            ("first", { } first, _) => throw Need($"second {first["name"]}", ("step2", Form("Step 2: What is your favorite color?", "color"))),
            ({ } second, _, { } colour) when second.StartsWith("second ", StringComparison.Ordinal) => $"{second[7..]} likes {colour["color"]}.",
            _ => throw Need("first", ("step1", Form("Step 1: What is your name?", "name"))),
        });
        yield return Tool("capabilities", call =>
        {
            var client = call.Server.ClientCapabilities;
            List<(string, InputRequest)> requests = [("form", Confirmation()), ("model", Sample("Say something"))];
            requests.RemoveAll(request => request.Item1 == "form" ? client?.Elicitation is null : client?.Sampling is null);
            return call.Params.InputResponses is { Count: > 0 } ? "Thank you." : throw Need(null, [.. requests]);
        });
        yield return Fixtures.Tool("test_streaming_elicitation", "Asks for a form.", (RequestContext<CallToolRequestParams> call) =>
            Filled(call, "confirm") is null ? throw Need(null, ("confirm", Confirmation())) : Fixtures.Text("Confirmed."));
    }

    public static InputRequest Form(string message, string field) => InputRequest.ForElicitation(
        new() { Message = message, RequestedSchema = new() { Properties = new Dictionary<string, PrimitiveSchemaDefinition> { [field] = new StringSchema() }, Required = [field] } });

    public static InputRequiredException Need(string? state, params (string Key, InputRequest Request)[] requests) =>
        new(requests.ToDictionary(request => request.Key, request => request.Request), state is null ? null : Sign(state));

    /// <summary>What a person filled in; null when nothing has come, or no form that was filled in.</summary>
    public static IDictionary<string, JsonElement>? Filled(IDictionary<string, InputResponse>? responses, string key) =>
        responses?.TryGetValue(key, out var response) == true && response.RawValue is { ValueKind: JsonValueKind.Object }
            && response.Deserialize(InputResponse.ElicitResultJsonTypeInfo) is { IsAccepted: true } form ? form.Content : null;

    private static McpServerTool Tool(string name, Func<RequestContext<CallToolRequestParams>, string> body) => Fixtures.Tool($"test_input_required_result_{name}",
        "Asks before it answers.", (RequestContext<CallToolRequestParams> call) => Fixtures.Text(body(call)));

    private static InputRequest Confirmation() => InputRequest.ForElicitation(new()
    {
        Message = "Please confirm",
        RequestedSchema = new() { Properties = new Dictionary<string, PrimitiveSchemaDefinition> { ["ok"] = new BooleanSchema() }, Required = ["ok"] },
    });

    private static InputRequest Sample(string words) =>
        InputRequest.ForSampling(new() { Messages = [new() { Role = Role.User, Content = [new TextContentBlock { Text = words }] }], MaxTokens = 100 });

    private static IDictionary<string, JsonElement>? Filled(RequestContext<CallToolRequestParams> call, string key) => Filled(call.Params.InputResponses, key);

    private static string? Sampled(RequestContext<CallToolRequestParams> call, string key) =>
        call.Params.InputResponses?.TryGetValue(key, out var response) == true
            ? response.Deserialize(InputResponse.CreateMessageResultJsonTypeInfo)?.Content.OfType<TextContentBlock>().FirstOrDefault()?.Text : null;

    private static string? Roots(RequestContext<CallToolRequestParams> call, string key) =>
        call.Params.InputResponses?.TryGetValue(key, out var response) == true
            ? string.Join(", ", response.Deserialize(InputResponse.ListRootsResultJsonTypeInfo)?.Roots.Select(root => root.Uri) ?? []) : null;

    private static string? State(RequestContext<CallToolRequestParams> call) => call.Params.RequestState is not { } signed ? null
        : signed.Split('.') is [var text, _] && Sign(Encoding.UTF8.GetString(Convert.FromHexString(text))) == signed ? Encoding.UTF8.GetString(Convert.FromHexString(text))
        : throw new McpProtocolException("The requestState is not one of this server.", McpErrorCode.InvalidParams);

    private static string Sign(string state) => $"{Convert.ToHexString(Encoding.UTF8.GetBytes(state))}.{Convert.ToHexString(HMACSHA256.HashData(Key, Encoding.UTF8.GetBytes(state)))}";
}
