using System.Text.Json;

namespace AgentMcp.Server.Tests.Cli;

public sealed class Other_arguments_are_approved_from_the_command_line : IDisposable
{
    private readonly CommandLine _agentmcp = new();

    public void Dispose() => _agentmcp.Dispose();

    [Fact]
    public async Task They_are_what_runs_and_a_comment_may_go_with_them()
    {
        var thread = await Asking();

        var ran = await _agentmcp.Run("answer", thread, "--with", """{"a":3,"b":4}""", "--comment", "never by nothing", "--json");

        var answered = (await Events(thread)).Last(happened => happened.GetProperty("type").GetString() == "request_answered");
        Assert.Equal(4, ran.ExitCode);
        Assert.Equal(
            (true, """{"a":3,"b":4}""", "never by nothing"),
            (answered.GetProperty("approved").GetBoolean(), JsonSerializer.Serialize(answered.GetProperty("arguments")), answered.GetProperty("comment").GetString()));
    }

    [Theory]
    [InlineData("--reject", "no")]
    [InlineData("--response", "no")]
    public async Task With_anything_but_a_yes_they_are_no_answer_and_nothing_happens(string option, string said)
    {
        var thread = await Asking();
        var before = await Events(thread);

        var ran = await _agentmcp.Run("answer", thread, option, said, "--with", """{"a":3,"b":4}""");

        Assert.Equal((2, "", $"Give {option} or --with, not both.\n"), (ran.ExitCode, ran.Output, ran.Error));
        Assert.Equal(before.Select(happened => happened.GetRawText()), (await Events(thread)).Select(happened => happened.GetRawText()));
    }

    /// <summary>A thread that waits for the approval of a division whose numbers may be changed.</summary>
    private async Task<string> Asking()
    {
        await File.WriteAllTextAsync(Path.Combine(_agentmcp.Folder, "careful.agent.md"), """
            ---
            name: careful
            description: Divides.
            model: caller
            tools: [divide]
            changes: [divide]
            ---
            You are {{agent}}.
            """, TestContext.Current.CancellationToken);
        _agentmcp.Environment["AGENTMCP_AGENTS"] = _agentmcp.Folder;
        var thread = await _agentmcp.Call("careful", "go");
        Assert.Equal(4, (await _agentmcp.Run("answer", thread, "--response", """{"intent":"divide","a":3,"b":0}""")).ExitCode);
        return thread;
    }

    private async Task<List<JsonElement>> Events(string thread) =>
        [.. (await _agentmcp.Run("show", thread, "--json")).Json.GetProperty("events").EnumerateArray()];
}
