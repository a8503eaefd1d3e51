using AgentMcp.Server.Tests.Cli;

namespace AgentMcp.Server.Tests.New;

public sealed class A_program_of_ones_own_that_cannot_be_put_together : IDisposable
{
    private static readonly string Orders = Path.Combine(AppContext.BaseDirectory, "Orders.dll");
    private readonly CommandLine _orders = new();

    public void Dispose() => _orders.Dispose();

    [Theory]
    [InlineData("stdio")]
    [InlineData("stdio", "--verbose")]
    [InlineData("agents")]
    [InlineData("doctor")]
    public async Task Says_of_a_broken_agent_file_what_is_wrong_where(params string[] arguments)
    {
        var file = More("clerk2", "tool: [add]");

        var ran = await _orders.RunOf(Orders, arguments);

        Assert.Equal((2, ""), (ran.ExitCode, ran.Output));
        Assert.StartsWith($"{file}:4: ", ran.Error, StringComparison.Ordinal);
        Assert.Contains("did you mean 'tools'?", ran.Error.Split('\n')[0], StringComparison.Ordinal);
        Assert.Equal(arguments.Contains("--verbose"), ran.Error.Split('\n').Length > 2);
    }

    [Fact]
    public async Task Says_which_file_is_not_there()
    {
        _orders.Environment["ORDERS_MORE"] = Path.Combine(_orders.Folder, "nowhere.agent.md");

        var ran = await _orders.RunOf(Orders, "agents");

        Assert.Equal((2, "", $"Could not find file '{Path.Combine(_orders.Folder, "nowhere.agent.md")}'.\n"), (ran.ExitCode, ran.Output, ran.Error));
    }

    [Fact]
    public async Task Says_which_agent_there_is_already()
    {
        More("errand", "tools: [add]");

        var ran = await _orders.RunOf(Orders, "agents");

        Assert.Equal((2, "", "There is already an agent named 'errand'. (Parameter 'agent')\n"), (ran.ExitCode, ran.Output, ran.Error));
    }

    [Theory]
    [InlineData("Usage:")]
    [InlineData("Usage:", "--help")]
    [InlineData("Usage:", "agents", "--help")]
    [InlineData("", "--version")]
    public async Task Still_tells_how_it_is_used(string told, params string[] arguments)
    {
        More("clerk2", "tool: [add]");

        var ran = await _orders.RunOf(Orders, arguments);

        Assert.Equal((0, ""), (ran.ExitCode, ran.Error));
        Assert.Contains(told, ran.Output, StringComparison.Ordinal);
    }

    private string More(string name, string field)
    {
        var file = Path.Combine(_orders.Folder, "more.agent.md");
        File.WriteAllText(file, $"---\nname: {name}\ndescription: One more.\n{field}\n---\nYou are {{{{agent}}}}.\n");
        _orders.Environment["ORDERS_MORE"] = file;
        return file;
    }
}
