using AgentMcp.Agents.Models;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Xunit;
using static AgentMcp.Agents.Models.ModelReply;

namespace AgentMcp.Agents.Tests.Models;

public sealed class AnthropicWireTests
{
    private const string Add = """{"type":"tool_use","id":"toolu_1","name":"add","input":{"a":3,"b":4.50}}""";
    private static readonly Usage Counted = new(415, 88, 3);

    [Theory]
    [InlineData(null, """{"disable_parallel_tool_use":true,"type":"auto"}""")]
    [InlineData(StructuredOutput.Tools, """{"disable_parallel_tool_use":true,"type":"any"}""")]
    public async Task A_turn_is_one_request_with_one_tool_per_intent(StructuredOutput? output, string toolChoice)
    {
        await using var server = new ProviderServer(Message(Add, "tool_use"));

        await Turns.Anthropic(server, output: output).Take();

        var request = Assert.Single(server.Requests);
        Assert.Equal("POST /v1/messages HTTP/1.1", request.Line);
        Assert.Equal("Bearer " + Turns.Key, request.Headers["authorization"]);
        Assert.Equal("2026-10-21", request.Headers["anthropic-version"]);
        Assert.Equal("application/json", request.Headers["content-type"]);
        Assert.Equal(JsonText.Parse($$$"""
            {
              "max_tokens": 16384,
              "messages": [{"role": "user", "content": [{"type": "text", "text": {{{JsonText.Of(Turns.First.Prompt.User)}}}}]}],
              "model": "claude-test",
              "tools": [
                {
                  "name": "add",
                  "description": "Add two numbers.",
                  "input_schema": {"type": "object", "properties": {"a": {"type": "number"}, "b": {"type": "number"}}, "required": ["a", "b"], "additionalProperties": false}
                },
                {
                  "name": "done",
                  "description": "Say the result.",
                  "input_schema": {"type": "object", "properties": {"message": {"type": "string", "description": "{minLength: 1}"}}, "required": ["message"], "additionalProperties": false}
                }
              ],
              "tool_choice": {{{toolChoice}}},
              "system": [{"type": "text", "text": {{{JsonText.Of(Turns.First.Prompt.System)}}}}]
            }
            """), JsonText.Parse(request.Body));
    }

    [Fact]
    public async Task A_whole_reply_can_be_bound_to_the_schema_of_a_step_instead()
    {
        await using var server = new ProviderServer(Message(Add, "tool_use"));

        await Turns.Anthropic(server, output: StructuredOutput.JsonSchema).Take();

        Assert.Equal(JsonText.Parse($$$"""
            {
              "max_tokens": 16384,
              "messages": [{"role": "user", "content": [{"type": "text", "text": {{{JsonText.Of(Turns.First.Prompt.User)}}}}]}],
              "model": "claude-test",
              "output_config": {"format": {
                "type": "json_schema",
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
                      "properties": {"intent": {"enum": ["done"]}, "message": {"type": "string", "description": "{minLength: 1}"}},
                      "required": ["intent", "message"],
                      "additionalProperties": false
                    }
                  ]}},
                  "required": ["step"],
                  "additionalProperties": false
                }
              }},
              "system": [{"type": "text", "text": {{{JsonText.Of(Turns.First.Prompt.System)}}}}]
            }
            """), JsonText.Parse(Assert.Single(server.Requests).Body));
    }

    [Fact]
    public async Task A_tool_call_becomes_a_step_as_text_and_its_tokens_are_counted() =>
        Assert.Equal(new Said("""{"intent":"add","a":3,"b":4.50}""", Counted), await Reply($$"""{"type":"text","text":"Let me {add}."},{{Add}}""", "tool_use"));

    [Fact]
    public async Task An_argument_cannot_name_another_intent() =>
        Assert.Equal(new Said("""{"intent":"add","a":3}""", Counted), await Reply("""{"type":"tool_use","id":"toolu_1","name":"add","input":{"intent":"done","a":3}}""", "tool_use"));

    [Fact]
    public async Task Two_tool_calls_stay_two_steps() =>
        Assert.Equal(new Said("{\"intent\":\"add\",\"a\":3,\"b\":4.50}\n{\"intent\":\"done\",\"message\":\"7\"}", Counted),
            await Reply($$$"""{{{Add}}},{"type":"tool_use","id":"toolu_2","name":"done","input":{"message":"7"}}""", "tool_use"));

    [Fact]
    public async Task A_text_reply_is_passed_on_as_it_is() =>
        Assert.Equal(new Said("""Sure: {"intent":"done"}""", Counted), await Reply("""{"type":"text","text":"Sure: {\"intent\":\"done\"}"}""", "end_turn"));

    [Fact]
    public async Task Thinking_is_no_part_of_the_reply() =>
        Assert.Equal(new Said("""{"intent":"add","a":3,"b":4.50}""", Counted), await Reply($$"""{"type":"thinking","thinking":"Hm.","signature":"s"},{{Add}}""", "tool_use"));

    [Theory]
    [InlineData("", "end_turn", "The model gave an empty reply.")]
    [InlineData("""{"type":"text","text":"  "}""", "end_turn", "The model gave an empty reply.")]
    [InlineData("", "refusal", "The model refused to answer.")]
    [InlineData(Add, "refusal", "The model refused to answer.")]
    [InlineData(Add, "max_tokens", "The reply was cut off at the limit of output tokens.")]
    [InlineData("""{"type":"text","text":"{\"step\":{\"intent\":\"done\"}"}""", "max_tokens", "The reply was cut off at the limit of output tokens.")]
    [InlineData(Add, "model_context_window_exceeded", "The reply was cut off at the limit of output tokens.")]
    [Trait("Accepts", "F1.3")]
    public async Task A_reply_that_is_empty_refused_or_cut_off_becomes_a_sentence_that_is_no_step(string content, string stopReason, string text) =>
        Turns.IsNoStep(new Said(text, Counted), await Reply(content, stopReason));

    private static async Task<ModelReply> Reply(string content, string stopReason)
    {
        await using var server = new ProviderServer(Message(content, stopReason));
        return await Turns.Anthropic(server).Take();
    }

    // Tokens read from the cache are input too.
    internal static Answer.Http Message(string content, string stopReason, string usage = """{"input_tokens":412,"cache_read_input_tokens":3,"cache_creation_input_tokens":0,"output_tokens":88}""") => new(200,
        $$$"""
        {"id":"msg_1","type":"message","role":"assistant","model":"claude-test","content":[{{{content}}}],"stop_reason":"{{{stopReason}}}","stop_sequence":null,
         "usage":{{{usage}}}}
        """);
}
