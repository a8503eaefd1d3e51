using AgentMcp.Agents.Models;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Xunit;
using static AgentMcp.Agents.Models.ModelReply;

namespace AgentMcp.Agents.Tests.Models;

public sealed class OpenAIWireTests
{
    private const string Add = """{"id":"call_1","type":"function","function":{"name":"add","arguments":"{\"a\":3,\"b\":4.50}"}}""";
    private static readonly Usage Counted = new(412, 88);

    [Fact]
    public async Task A_turn_is_one_request_that_forces_one_tool()
    {
        await using var server = new ProviderServer(Completion(Calls(Add), "tool_calls"));

        await Turns.OpenAI(server).Take();

        var request = Assert.Single(server.Requests);
        Assert.Equal("POST /v1/chat/completions HTTP/1.1", request.Line);
        Assert.Equal("Bearer " + Turns.Key, request.Headers["authorization"]);
        Assert.Equal("application/json", request.Headers["content-type"]);
        Assert.Equal(JsonText.Parse($$$"""
            {
              "messages": [
                {"role": "system", "content": {{{JsonText.Of(Turns.First.Prompt.System)}}}},
                {"role": "user", "content": {{{JsonText.Of(Turns.First.Prompt.User)}}}}
              ],
              "model": "gpt-test",
              "tools": [
                {"type": "function", "function": {
                  "description": "Add two numbers.",
                  "name": "add",
                  "parameters": {"type": "object", "required": ["a", "b"], "properties": {"a": {"type": "number"}, "b": {"type": "number"}}, "additionalProperties": false}
                }},
                {"type": "function", "function": {
                  "description": "Say the result.",
                  "name": "done",
                  "parameters": {"type": "object", "required": ["message"], "properties": {"message": {"type": "string", "minLength": 1}}, "additionalProperties": false}
                }}
              ],
              "tool_choice": "required",
              "parallel_tool_calls": false
            }
            """), JsonText.Parse(request.Body));
    }

    [Fact]
    public async Task A_whole_reply_can_be_bound_to_the_schema_of_a_step_instead()
    {
        await using var server = new ProviderServer(Completion("""{"role":"assistant","content":"{}"}""", "stop"));

        await Turns.OpenAI(server, output: StructuredOutput.JsonSchema).Take();

        Assert.Equal(JsonText.Parse($$$"""
            {
              "messages": [
                {"role": "system", "content": {{{JsonText.Of(Turns.First.Prompt.System)}}}},
                {"role": "user", "content": {{{JsonText.Of(Turns.First.Prompt.User)}}}}
              ],
              "model": "gpt-test",
              "response_format": {"type": "json_schema", "json_schema": {
                "name": "step",
                "schema": {
                  "type": "object",
                  "properties": {"step": {"anyOf": [
                    {
                      "description": "Add two numbers.",
                      "type": "object",
                      "properties": {"intent": {"enum": ["add"]}, "a": {"type": "number"}, "b": {"type": "number"}},
                      "required": ["intent", "a", "b"],
                      "additionalProperties": false
                    },
                    {
                      "description": "Say the result.",
                      "type": "object",
                      "properties": {"intent": {"enum": ["done"]}, "message": {"type": "string", "description": "minLength: 1"}},
                      "required": ["intent", "message"],
                      "additionalProperties": false
                    }
                  ]}},
                  "required": ["step"],
                  "additionalProperties": false
                }
              }}
            }
            """), JsonText.Parse(Assert.Single(server.Requests).Body));
    }

    [Fact]
    public async Task A_local_server_needs_no_key()
    {
        await using var server = new ProviderServer(Completion(Calls(Add), "tool_calls"));

        await new ModelChoice(new("openai:llama3.1:8b", server.Url + "/v1/"), TimeProvider.System).For(null).Take();

        var request = Assert.Single(server.Requests);
        Assert.Equal("POST /v1/chat/completions HTTP/1.1", request.Line);
        Assert.Equal("Bearer none", request.Headers["authorization"]);
        Assert.Contains("\"model\":\"llama3.1:8b\"", request.Body, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_tool_call_becomes_a_step_as_text_and_its_tokens_are_counted() =>
        Assert.Equal(new Said("""{"intent":"add","a":3,"b":4.50}""", Counted), await Reply(Calls(Add), "tool_calls"));

    [Fact]
    public async Task Two_tool_calls_stay_two_steps() =>
        Assert.Equal(new Said("{\"intent\":\"add\",\"a\":3,\"b\":4.50}\n{\"intent\":\"done\",\"message\":\"ä7\"}", Counted),
            await Reply(Calls(Add + """,{"id":"call_2","type":"function","function":{"name":"done","arguments":"{\"message\":\"ä7\"}"}}"""), "tool_calls"));

    [Fact]
    public async Task A_text_reply_is_passed_on_as_it_is() =>
        Assert.Equal(new Said("""{"step": {"intent":"done"}}""", Counted), await Reply("""{"role":"assistant","content":"{\"step\": {\"intent\":\"done\"}}","refusal":null}""", "stop"));

    [Theory]
    [InlineData("""{"role":"assistant","content":null}""", "stop", "The model gave an empty reply.")]
    [InlineData("""{"role":"assistant","content":""}""", "stop", "The model gave an empty reply.")]
    [InlineData("""{"role":"assistant","content":null,"refusal":"I cannot help with that."}""", "stop", "The model refused to answer: I cannot help with that.")]
    [InlineData("""{"role":"assistant","content":"{\"intent\":\"done\"}"}""", "content_filter", "The model refused to answer.")]
    [InlineData("""{"role":"assistant","content":"{\"step\":{\"intent\":\"done\"}"}""", "length", "The reply was cut off at the limit of output tokens.")]
    [InlineData("""{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"add","arguments":"{\"a\":3,\"b\""}}]}""", "length", "The reply was cut off at the limit of output tokens.")]
    [InlineData("""{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"add","arguments":"{\"a\":3,\"b\""}}]}""", "tool_calls", "The arguments of add are not a JSON object.")]
    [InlineData("""{"role":"assistant","content":null,"tool_calls":[{"id":"call_1","type":"function","function":{"name":"add","arguments":"[3,4]"}}]}""", "tool_calls", "The arguments of add are not a JSON object.")]
    [Trait("Accepts", "F1.3")]
    public async Task A_reply_that_is_empty_refused_or_cut_off_becomes_a_sentence_that_is_no_step(string message, string finishReason, string text) =>
        Turns.IsNoStep(new Said(text, Counted), await Reply(message, finishReason));

    private static async Task<ModelReply> Reply(string message, string finishReason)
    {
        await using var server = new ProviderServer(Completion(message, finishReason));
        return await Turns.OpenAI(server).Take();
    }

    private static string Calls(string calls) => $$$"""{"role":"assistant","content":null,"tool_calls":[{{{calls}}}],"refusal":null}""";

    internal static Answer.Http Completion(string message, string finishReason, string usage = """{"prompt_tokens":412,"completion_tokens":88,"total_tokens":500}""") => new(200,
        $$$"""
        {"id":"chatcmpl-1","object":"chat.completion","created":1767323045,"model":"gpt-test",
         "choices":[{"index":0,"message":{{{message}}},"logprobs":null,"finish_reason":"{{{finishReason}}}"}],
         "usage":{{{usage}}}}
        """);
}
