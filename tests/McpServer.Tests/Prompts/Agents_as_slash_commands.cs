using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Prompts;

public sealed class Agents_as_slash_commands : IDisposable
{
    private readonly TestFolder _folder = new();
    private readonly string _agents;

    public Agents_as_slash_commands() => _agents = Directory.CreateDirectory(Path.Combine(_folder.Path, "agents")).FullName;

    [Theory]
    [InlineData(Transport.Stdio, Ways.Newest)]
    [InlineData(Transport.Http, Ways.Newest)]
    [InlineData(Transport.Http, Ways.Sessions)]
    public async Task Each_agent_is_a_prompt_whose_arguments_are_its_input(Transport transport, string protocol)
    {
        Write("shipper", "Ships.", "input: { item: string (what to ship), count: integer, to?: north | south, fast?: boolean, notes?: [string] }\ntools: [done_for_now]");
        await using var server = await Start(transport, protocol);

        var prompts = await server.Client.ListPromptsAsync(cancellationToken: TestContext.Current.CancellationToken);
        var shipper = prompts.Single(prompt => prompt.Name == "shipper").ProtocolPrompt;
        var text = await Get(server, "shipper", """{"item":"a \"round\" thing","count":"3","fast":"true","to":""}""");

        Assert.Equal(["calculator", "deploybot", "get_thread", "invoke_agent", "pipeline", "resume_thread", "rollback", "shipper"], prompts.Select(prompt => prompt.Name));
        Assert.Equal("Ships.", shipper.Description);
        Assert.Equal(
            [
                ("item", true, "what to ship"), ("count", true, "A number."), ("to", false, "One of: north, south."), ("fast", false, "true or false."),
                ("notes", false, """JSON that fits this schema: {"type":"array","items":{"type":"string"}}"""),
            ],
            shipper.Arguments!.Select(argument => (argument.Name, argument.Required == true, argument.Description)));
        Assert.Equal(
            """
            Call the tool shipper with exactly these arguments:

            {"item":"a \"round\" thing","count":3,"fast":true}

            Then do what "next" in its result says. Where it asks something, ask me, and answer it only with what I said.
            """, text);
    }

    [Theory]
    [InlineData("""{"item":"x"}""", "The prompt shipper needs the argument count.")]
    [InlineData("""{"item":"x","count":"many"}""", "The argument count must be JSON (a number, true, false, a list or an object), not 'many'.")]
    [InlineData("""{"item":"x","count":"1.5"}""", "The arguments of the prompt shipper do not fit: ")]
    [InlineData("""{"item":"x","count":"1","colour":"red"}""", "The prompt shipper has no argument 'colour'. It has item, count.")]
    [InlineData("""{"item":"x","count":1}""", "The argument count of the prompt shipper must be a text.")]
    public async Task Arguments_that_do_not_fit_are_refused_with_what_would(string arguments, string message)
    {
        Write("shipper", "Ships.", "input: { item: string, count: integer }\ntools: [done_for_now]");
        await using var server = await Start(Transport.Stdio, Ways.Newest);

        var refused = await Assert.ThrowsAsync<McpProtocolException>(() => Get(server, "shipper", arguments));

        Assert.Equal(McpErrorCode.InvalidParams, refused.ErrorCode);
        Assert.Contains(message, refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_listens_is_told_when_an_agent_comes_or_goes()
    {
        await using var client = await ModernClient.Start(Transport.Http, _folder.Database, new Dictionary<string, string> { ["agents"] = _agents, ["model"] = "caller" });
        var prompts = await client.Listen("""{"promptsListChanged":true}""");
        await prompts.Next();

        Write("adder", "Adds.", "tools: [add]");
        var came = (await prompts.Next()).GetProperty("method").GetString();
        var there = (await client.Ask("prompts/list", [])).GetRawText().Contains("\"adder\"", StringComparison.Ordinal);
        File.Delete(Path.Combine(_agents, "adder.agent.md"));
        var went = (await prompts.Next()).GetProperty("method").GetString();

        Assert.Equal(("notifications/prompts/list_changed", true, "notifications/prompts/list_changed"), (came, there, went));
    }

    [Fact]
    public async Task An_answer_in_a_slash_command_is_passed_on_in_the_words_it_was_given()
    {
        await using var server = await Start(Transport.Stdio, Ways.Newest);

        var text = await Get(server, "resume_thread", """{"thread_id":"thr_1","answer":"no, \"later\"","request_id":""}""");

        Assert.Equal(
            """
            My answer to what a thread asks is: "no, \"later\""

            Call the tool get_thread with {"thread_id":"thr_1"} to see what it asks. Then call resume_thread with {"thread_id":"thr_1"} and my answer: as approved
            (and comment, if I said more than yes or no) where it asks for approval, as response otherwise. If my answer does not fit what is asked, ask me; do not answer for me.
            """, text);
    }

    public void Dispose() => _folder.Dispose();

    private Task<RunningServer> Start(Transport transport, string protocol) =>
        RunningServer.Start(transport, _folder.Database, protocol, new Dictionary<string, string> { ["agents"] = _agents });

    private static async Task<string> Get(RunningServer server, string prompt, string arguments)
    {
        var result = await server.Send("prompts/get", new JsonObject { ["name"] = prompt, ["arguments"] = JsonNode.Parse(arguments) });
        var message = Assert.Single(result.GetProperty("messages").EnumerateArray());
        return message.GetProperty("content").GetProperty("text").GetString()!;
    }

    // Written beside and moved, so that nobody reads half of it.
    private void Write(string name, string description, string fields)
    {
        var beside = Path.Combine(_folder.Path, "written");
        File.WriteAllText(beside, $"---\nname: {name}\ndescription: {description}\n{fields}\n---\nYou are {name}.\n");
        File.Move(beside, Path.Combine(_agents, name + ".agent.md"), overwrite: true);
    }
}
