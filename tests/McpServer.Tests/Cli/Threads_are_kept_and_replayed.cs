namespace AgentMcp.Server.Tests.Cli;

public sealed class Threads_are_kept_and_replayed : IDisposable
{
    private readonly CommandLine _agentmcp = new();

    public void Dispose() => _agentmcp.Dispose();

    [Fact]
    public async Task A_thread_is_recorded_and_replayed_by_another_process()
    {
        var thread = await Denied();

        var recorded = await _agentmcp.Run("record", thread, "--out", "cases/denied.json");
        var replayed = await _agentmcp.Run("replay", "cases");
        var again = await _agentmcp.Run("record", thread, "--out", "cases/denied.json");

        Assert.Equal((0, 0, 3), (recorded.ExitCode, replayed.ExitCode, again.ExitCode));
        Assert.Equal(
            """
            ok      cases/denied.json  11 events, 3 of 3 expectations
            1 case, 0 failed. 3 of 3 expectations hold (100 %).

            """, replayed.Told.Replace('\\', '/'));
        Assert.StartsWith("cases/denied.json is there already and was left as it is.", again.Error, StringComparison.Ordinal);
        Assert.Equal(Written("cases/denied.json"), (await _agentmcp.Run("record", thread)).Output.ReplaceLineEndings("\n"));
    }

    [Fact]
    public async Task The_first_event_that_differs_is_shown_beside_the_recorded_one()
    {
        await _agentmcp.Run("record", await Denied(), "--out", "denied.json");
        await File.WriteAllTextAsync(Path.Combine(_agentmcp.Folder, "denied.json"),
            Written("denied.json").Replace("""{"intent":"divide","a":3,"b":5}""", """{"intent":"divide","a":3,"b":6}""", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var replayed = await _agentmcp.Run("replay", "denied.json");
        var json = (await _agentmcp.Run("replay", "denied.json", "--json")).Json;

        Assert.Equal(1, replayed.ExitCode);
        Assert.Equal(
            """
            FAILED  denied.json  11 events, 3 of 3 expectations
              Event 5 is another one:
                THEN                                                       | NOW
                Chose divide (rules)                                       | Chose divide (rules)
                {"a":3,"b":5}                                              | {"a":3,"b":6}
            1 case, 1 failed. 3 of 3 expectations hold (100 %).

            """, replayed.Told);
        var difference = Assert.Single(json.GetProperty("cases").EnumerateArray()).GetProperty("difference");
        Assert.Equal((5, 5, 6), (difference.GetProperty("version").GetInt32(), Divisor(difference, "then"), Divisor(difference, "now")));
    }

    [Fact]
    public async Task Prompts_of_another_folder_are_shown_as_a_difference_of_lines()
    {
        await _agentmcp.Run("record", await Denied(), "--out", "denied.json");
        var prompt = await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Microagents", "Calculator", "calculator.agent.md"), TestContext.Current.CancellationToken);
        Directory.CreateDirectory(Path.Combine(_agentmcp.Folder, "agents"));
        await File.WriteAllTextAsync(Path.Combine(_agentmcp.Folder, "agents", "calculator.agent.md"), prompt.Replace("Do not guess.", "Never guess.", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var replayed = await _agentmcp.Run("replay", "denied.json", "--prompt-from", "agents");

        Assert.Contains("  Step 2 is shown another prompt:\n", replayed.Told, StringComparison.Ordinal);
        Assert.Contains("    - - If a number or the operation is missing or unclear, ask with request_more_information. Do not guess.\n", replayed.Told, StringComparison.Ordinal);
        Assert.Contains("    + - If a number or the operation is missing or unclear, ask with request_more_information. Never guess.\n", replayed.Told, StringComparison.Ordinal);
        Assert.Equal(0, replayed.ExitCode);
    }

    [Fact]
    public async Task A_model_is_asked_for_each_step_and_misses_are_counted()
    {
        await _agentmcp.Run("record", await Denied(), "--eval", "--out", "denied.json");
        await File.WriteAllTextAsync(Path.Combine(_agentmcp.Folder, "denied.json"),
            Written("denied.json").Replace("""{ "is": "done_for_now" }""", """{ "is": "nothing_to_do" }""", StringComparison.Ordinal), TestContext.Current.CancellationToken);

        var replayed = await _agentmcp.Run("replay", "denied.json", "--model", "rules", "--times", "2");

        Assert.Equal(
            """
            FAILED  denied.json  6 of 6 steps the same
              step 2    2 of 2 the same
              step 5    2 of 2 the same
              step 10   2 of 2 the same
              step 10: expected intent is "nothing_to_do", but it is "done_for_now" (2 times)
            1 case, 1 failed. 4 of 6 expectations hold (66.7 %).

            """, replayed.Told);
        Assert.Equal(1, replayed.ExitCode);
    }

    [Theory]
    [InlineData("There is no file or folder nowhere.", "nowhere")]
    [InlineData("There is no case: no *.json file.", ".")]
    [InlineData("broken.txt: this is no JSON: ", "broken.txt")]
    [InlineData("--times and --judge go with --model", "broken.txt", "--times", "2")]
    public async Task What_cannot_be_replayed_is_told_in_one_line(string told, params string[] arguments)
    {
        await File.WriteAllTextAsync(Path.Combine(_agentmcp.Folder, "broken.txt"), arguments.Length > 1 ? Eval : "{", TestContext.Current.CancellationToken);

        var ran = await _agentmcp.Run(["replay", .. arguments]);

        Assert.StartsWith(told, ran.Error, StringComparison.Ordinal);
        Assert.Equal((2, ""), (ran.ExitCode, ran.Output));
    }

    [Fact]
    public async Task A_case_about_nobody_says_whom_it_misses()
    {
        await File.WriteAllTextAsync(Path.Combine(_agentmcp.Folder, "a.json"), Eval, TestContext.Current.CancellationToken);

        Assert.StartsWith("a.json is about the agent 'nobody', which is not there. Give its folder with --agents or --prompt-from.",
            (await _agentmcp.Run("replay", "a.json")).Error, StringComparison.Ordinal);
    }

    private const string Eval = """
        {"case":1,"agent":"nobody","steps":[],"events":[{"type":"thread_started","at":"2026-03-01T09:00:00Z","agent":"nobody","definition":"","input":{},"principal":"local","channel":"cli","trigger":"t"}]}
        """;

    private static int Divisor(System.Text.Json.JsonElement difference, string when) => difference.GetProperty(when).GetProperty("arguments").GetProperty("b").GetInt32();

    private string Written(string file) => File.ReadAllText(Path.Combine(_agentmcp.Folder, file));

    private async Task<string> Denied()
    {
        var thread = await _agentmcp.Call("calculator", "divide 3 by 4");
        await _agentmcp.Run("answer", thread, "--reject", "use 5 instead");
        await _agentmcp.Run("answer", thread, "--approve");
        return thread;
    }
}
