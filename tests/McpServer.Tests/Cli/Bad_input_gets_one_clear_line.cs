using System.Net;
using System.Net.Sockets;
using AgentMcp.Server.Cli;

namespace AgentMcp.Server.Tests.Cli;

public sealed class Bad_input_gets_one_clear_line : IDisposable
{
    private const string NoSuchThread = "thr_00000000000070008000000000000000";
    private readonly CommandLine _agentmcp = new();

    public void Dispose() => _agentmcp.Dispose();

    [Theory]
    [InlineData(3, "There is no thread thr_...", "show", NoSuchThread)]
    [InlineData(3, "There is no thread thr_...", "answer", NoSuchThread, "--approve")]
    [InlineData(3, "There is no thread thr_...", "cancel", NoSuchThread)]
    [InlineData(2, "'thr_1' is not a thread id.", "show", "thr_1")]
    [InlineData(3, "There is no agent 'nobody'. The agents are calculator, deploybot, pipeline, rollback.", "call", "nobody", "hello")]
    [InlineData(3, "The input does not fit calculator: 'message' is required", "call", "calculator", "--input", "{}")]
    [InlineData(2, "--input is not JSON: ", "call", "calculator", "--input", "{message: 1")]
    [InlineData(2, "Give either a MESSAGE or --input JSON.", "call", "calculator")]
    [InlineData(2, "Give either a MESSAGE or --input JSON.", "call", "calculator", "hello", "--input", "{}")]
    [InlineData(2, "--wait takes a number of seconds", "call", "calculator", "hello", "--wait", "-1")]
    [InlineData(2, "Give --approve or --reject, not both.", "answer", NoSuchThread, "--approve", "--reject")]
    [InlineData(2, "Give --reject or --response, not both.", "answer", NoSuchThread, "--reject", "--response", "x")]
    [InlineData(2, "Give --reject or --with, not both.", "answer", NoSuchThread, "--reject", "a", "--with", "{}")]
    [InlineData(2, "Give --reject or --with, not both.", "answer", NoSuchThread, "--with", "{}", "--reject")]
    [InlineData(2, "Give --response or --with, not both.", "answer", NoSuchThread, "--response", "x", "--with", "{}")]
    [InlineData(2, "Give the reason once", "answer", NoSuchThread, "--reject", "a", "--comment", "b")]
    [InlineData(2, "--comment goes with", "answer", NoSuchThread, "--comment", "b")]
    [InlineData(2, "--response begins like a JSON object and is none: ", "answer", NoSuchThread, "--response", "{\"intent\": ")]
    [InlineData(3, "'req_1' is not a request of thr_...", "answer", NoSuchThread, "--approve", "--request", "req_1")]
    [InlineData(2, "--status takes one of running, pending, completed, failed, cancelled, not 'asleep'.", "threads", "--status", "asleep")]
    [InlineData(2, "--limit takes a number from 1 to 200.", "threads", "--limit", "0")]
    [InlineData(2, "'x' is no cursor", "threads", "--cursor", "x")]
    [InlineData(2, "The setting approvals must be caller or human, not 'nobody'.", "threads", "--approvals", "nobody")]
    [InlineData(2, "FILE cannot be empty.", "backup", "")]
    [InlineData(2, "FILE cannot be empty.", "restore", "")]
    [InlineData(2, "--into takes DIR, not nothing.", "new", "bookkeeper", "--into", "")]
    [InlineData(2, "--out takes FILE, not nothing.", "record", NoSuchThread, "--out", "")]
    [InlineData(2, "Unrecognized command or argument 'frobnicate'.", "frobnicate")]
    public async Task It_says_what_is_wrong_and_exits_with_the_right_code(int code, string message, params string[] arguments)
    {
        var ran = await _agentmcp.Run(arguments);

        Assert.StartsWith(message, ran.Complained, StringComparison.Ordinal);
        Assert.Equal((code, ""), (ran.ExitCode, ran.Output));
        Assert.DoesNotContain("   at ", ran.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_database_below_a_file_cannot_be_opened()
    {
        await File.WriteAllTextAsync(_agentmcp.Database, "", TestContext.Current.CancellationToken);

        var ran = await _agentmcp.Run("threads", "--db", Path.Combine(_agentmcp.Database, "threads.db"));

        Assert.Contains("cannot be opened", ran.Error, StringComparison.Ordinal);
        Assert.Contains("choose another file with --db.\n", ran.Error, StringComparison.Ordinal);
        Assert.Equal((2, ""), (ran.ExitCode, ran.Output));
    }

    [Fact]
    public async Task A_file_that_is_no_database_is_named()
    {
        await File.WriteAllTextAsync(_agentmcp.Database, new string('x', 5000), TestContext.Current.CancellationToken);

        var ran = await _agentmcp.Run("call", "calculator", "multiply 3 and 4");

        Assert.StartsWith($"{_agentmcp.Database} is not a usable SQLite database", ran.Error, StringComparison.Ordinal);
        Assert.Equal((2, ""), (ran.ExitCode, ran.Output));
    }

    [Fact]
    [Trait("Accepts", "F6.5")]
    public async Task An_answer_of_the_wrong_kind_is_refused_and_the_thread_is_as_it_was()
    {
        var thread = await _agentmcp.Call("calculator", "divide 3 by 4");
        var before = await _agentmcp.Run("show", thread, "--json");

        var wrong = await _agentmcp.Run("answer", thread, "--response", "maybe");
        var nothing = await _agentmcp.Run("answer", thread);

        Assert.Equal(3, wrong.ExitCode);
        Assert.StartsWith("That is not an answer to this request.", wrong.Error, StringComparison.Ordinal);
        Assert.Equal(2, nothing.ExitCode);
        Assert.Equal(
            "Say what to answer: --approve, --reject \"reason\" or --response \"...\". calculator (built-in rules, no model) waits for approval: Run divide with a 3, b 4?\n",
            nothing.Error);
        Assert.Equal(before.Output, (await _agentmcp.Run("show", thread, "--json")).Output);
    }

    [Fact]
    public async Task A_version_that_is_no_step_has_no_prompt()
    {
        var thread = await _agentmcp.Call("calculator", "divide 3 by 4");

        var ran = await _agentmcp.Run("show", thread, "--prompt", "1");

        Assert.Equal((2, "Version 1 of thr_... is not a step. Its steps are at the versions 2.\n"), (ran.ExitCode, ran.Complained));
    }

    [Fact]
    public void A_defect_is_one_line_too_and_says_how_to_see_more()
    {
        Assert.Equal(
            (70, "An internal error: It broke. Run the command again with --verbose to see where."),
            Commands.Explain(new InvalidOperationException("It broke.\n   at Somewhere()")));
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();

        var ran = await _agentmcp.Run("http", "--port", $"{((IPEndPoint)taken.LocalEndpoint).Port}");

        Assert.Equal(
            (2, $"Failed to bind to address http://{taken.LocalEndpoint}: address already in use. Choose another port with --port (AGENTMCP_PORT).\n"),
            (ran.ExitCode, ran.Error));
    }
}
