using System.Text.Json;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Sqlite;
using Dapper;

namespace AgentMcp.Server.Tests.Cli;

public sealed class Threads_are_called_and_answered_from_the_command_line : IDisposable
{
    private readonly CommandLine _agentmcp = new();

    public void Dispose() => _agentmcp.Dispose();

    [Fact]
    public async Task A_call_that_needs_nobody_prints_its_result()
    {
        var ran = await _agentmcp.Run("call", "calculator", "multiply 3 and 4");

        Assert.Equal("calculator (built-in rules, no model) is done. The result is 12.\nThread: thr_...\n", ran.Told);
        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
    }

    [Fact]
    [Trait("Accepts", "F6.3")]
    public async Task A_call_that_waits_says_how_to_answer_and_another_process_answers_it()
    {
        var asked = await _agentmcp.Run("call", "calculator", "divide 3 by 4");

        Assert.Equal(
            """
            calculator (built-in rules, no model) waits for approval: Run divide with a 3, b 4?

            Thread: thr_...
            Answer it with one of:
              agentmcp answer thr_... --approve
              agentmcp answer thr_... --reject "why, or what to do instead"

            """, asked.Told);
        Assert.Equal((4, ""), (asked.ExitCode, asked.Error));

        var rejected = await _agentmcp.Run([.. Suggested(asked.Output, "--reject")[..3], "use 5 instead"]);
        Assert.StartsWith("calculator (built-in rules, no model) waits for approval: Run divide with a 3, b 5?", rejected.Output, StringComparison.Ordinal);
        Assert.Equal(4, rejected.ExitCode);

        var approved = await _agentmcp.Run(Suggested(rejected.Output, "--approve"));
        Assert.Equal("calculator (built-in rules, no model) is done. The result is 0.6.\nThread: thr_...\n", approved.Told);
        Assert.Equal((0, ""), (approved.ExitCode, approved.Error));
    }

    [Fact]
    public async Task Settings_given_to_the_call_are_repeated_in_the_answer_it_suggests()
    {
        var asked = await _agentmcp.Run("call", "calculator", "divide 3 by 4", "--db", "other file.db");

        Assert.Contains("agentmcp answer thr_... --db 'other file.db' --approve\n", asked.Told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_question_is_answered_in_words_and_a_completed_thread_can_be_spoken_to()
    {
        var asked = await _agentmcp.Run("call", "calculator", "multiply 3 and something");
        Assert.Equal(4, asked.ExitCode);
        var thread = Suggested(asked.Output, "--response")[1];

        var answered = await _agentmcp.Run("answer", thread, "--response", "multiply 3 and 12", "--json");
        Assert.Equal("The result is 36.", answered.Json.GetProperty("output").GetProperty("message").GetString());

        var continued = await _agentmcp.Run("answer", thread, "--response", "add 1 and 2");
        Assert.Equal("calculator (built-in rules, no model) is done. The result is 3.\nThread: thr_...\n", continued.Told);
    }

    [Fact]
    public async Task The_json_of_a_call_is_the_result_a_client_gets()
    {
        var ran = await _agentmcp.Run("call", "calculator", "--input", """{"message":"divide 3 by 4"}""", "--json");

        Assert.Equal(4, ran.ExitCode);
        Assert.Equal(
            ["status", "thread_id", "agent", "model", "version", "output", "error", "requests", "next"],
            ran.Json.EnumerateObject().Select(member => member.Name));
        Assert.Equal("pending", ran.Json.GetProperty("status").GetString());
        Assert.Equal("""{"a":3,"b":4}""", Compact(ran.Json.GetProperty("requests")[0].GetProperty("action").GetProperty("arguments")));
    }

    [Fact(Timeout = 60_000)]
    [Trait("Accepts", "R.3")]
    public async Task A_call_keeps_its_thread_for_as_long_as_it_runs()
    {
        await using var model = new HeldModel();
        var held = model.Hold();
        _agentmcp.Environment["AGENTMCP_MODEL"] = "openai:held";
        _agentmcp.Environment["AGENTMCP_BASE_URL"] = model.BaseUrl;
        var call = _agentmcp.Run("call", "calculator", held.Word);
        await held.Asked;
        using var database = Database.Open(_agentmcp.Database);
        using var connection = database.Connect();
        var taken = LeaseEnds();
        while (LeaseEnds() <= taken)
        {
            TestContext.Current.CancellationToken.ThrowIfCancellationRequested();
            await Task.Yield();
        }

        held.Finish();
        Assert.Equal(0, (await call).ExitCode);

        long LeaseEnds() => connection.ExecuteScalar<long>("SELECT expires_at FROM owners WHERE owner = (SELECT owner FROM leases)");
    }

    [Fact]
    [Trait("Accepts", "W.7")]
    public async Task The_same_key_returns_the_same_thread()
    {
        var first = await _agentmcp.Run("call", "calculator", "divide 3 by 4", "--key", "k", "--json");
        var second = await _agentmcp.Run("call", "calculator", "divide 3 by 4", "--key", "k", "--json");

        Assert.Equal(first.Output, second.Output);
    }

    [Fact]
    [Trait("Accepts", "P.4")]
    public async Task Where_only_a_person_may_answer_the_command_line_may()
    {
        _agentmcp.Environment["AGENTMCP_APPROVALS"] = "human";
        var thread = await _agentmcp.Call("calculator", "divide 3 by 4");

        var approved = await _agentmcp.Run("answer", thread, "--approve", "--json");

        Assert.Equal("completed", approved.Json.GetProperty("status").GetString());
    }

    [Fact]
    public async Task Without_a_model_the_person_chooses_the_step_after_reading_what_a_model_would_be_told()
    {
        _agentmcp.Environment["AGENTMCP_MODEL"] = "caller";
        var asked = await _agentmcp.Run("call", "calculator", "multiply 3 and 4");
        Assert.Equal(
            """
            calculator waits for its next step, which you choose.

            Thread: thr_...
            Read what a model would be told, and answer with the step you choose:
              agentmcp show thr_... --prompt 3
              agentmcp answer thr_... --response '{"intent": ...}'

            """, asked.Told);
        var thread = Suggested(asked.Output, "--prompt")[1];

        var told = await _agentmcp.Run("show", thread, "--prompt", "3");
        Assert.Contains("message: multiply 3 and 4", told.Output, StringComparison.Ordinal);

        await _agentmcp.Run("answer", thread, "--response", """{"intent":"multiply","a":3,"b":4}""");
        var done = await _agentmcp.Run("answer", thread, "--response", """{"intent":"done_for_now","message":"It is 12."}""");
        Assert.Equal("calculator is done. It is 12.\nThread: thr_...\n", done.Told);
    }

    [Fact]
    [Trait("Accepts", "F6.6")]
    public async Task A_thread_is_cancelled_for_good()
    {
        var thread = await _agentmcp.Call("calculator", "divide 3 by 4");

        var cancelled = await _agentmcp.Run("cancel", thread, "--reason", "not needed");
        Assert.Equal((0, "calculator (built-in rules, no model) was cancelled: not needed\nThread: thr_...\n"), (cancelled.ExitCode, cancelled.Told));

        var late = await _agentmcp.Run("answer", thread, "--approve");
        Assert.Equal((3, ""), (late.ExitCode, late.Output));
        Assert.StartsWith("The thread is cancelled and takes nothing more.", late.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancelling_a_completed_thread_changes_nothing_and_says_so()
    {
        var thread = await _agentmcp.Call("calculator", "multiply 3 and 4");

        var cancelled = await _agentmcp.Run("cancel", thread);

        Assert.Equal((3, "It had already ended; nothing was changed at version 6.\n"), (cancelled.ExitCode, cancelled.Error));
    }

    private static string Compact(JsonElement json) => JsonSerializer.Serialize(json);

    /// <summary>The words of a suggested command line, from the line that holds one of them.</summary>
    private static string[] Suggested(string output, string word) =>
        output.Split('\n').Single(line => line.Contains("agentmcp ", StringComparison.Ordinal) && line.Contains(word, StringComparison.Ordinal))
            .Split(' ', StringSplitOptions.RemoveEmptyEntries)[1..];
}
