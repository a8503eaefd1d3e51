using System.Diagnostics;
using System.Text.RegularExpressions;
using AgentMcp.Server.Tests.Cli;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.New;

/// <summary>What agentmcp new writes, written into an empty folder and used there as its owner would.</summary>
public sealed partial class New_agents_work : IDisposable
{
    private readonly CommandLine _agentmcp = new();

    public void Dispose() => _agentmcp.Dispose();

    [Fact]
    [Trait("Accepts", "SC.1")]
    public async Task A_file_loads_and_its_evals_hold()
    {
        var written = await _agentmcp.Run("new", "tab");
        var agents = await _agentmcp.Run("agents", "--agents", "agents");
        var check = await _agentmcp.Run("check", "agents", "--strict");
        var replayed = await _agentmcp.Run("replay", "agents/evals/tab", "--agents", "agents");

        Assert.StartsWith(
            """
            Wrote agents/tab.agent.md
            Wrote agents/evals/tab/asks_how_many.json
            Wrote agents/evals/tab/takes_no_for_an_answer.json

            See that it loads:    agentmcp check agents
            Run its evals:        agentmcp replay agents/evals/tab --agents agents
            """, written.Told, StringComparison.Ordinal);
        Assert.Contains("tab         Works out what each person of a group owes, and asks before it divides.", agents.Told, StringComparison.Ordinal);
        Assert.DoesNotContain("Not loaded", agents.Output, StringComparison.Ordinal);
        Assert.EndsWith("2 cases, 0 failed. 12 of 12 expectations hold (100 %).\n", replayed.Told, StringComparison.Ordinal);
        Assert.Equal((0, 0, 0, 0), (written.ExitCode, agents.ExitCode, check.ExitCode, replayed.ExitCode));
    }

    [Theory]
    [Trait("Accepts", "SC.1")]
    [Trait("Accepts", "SC.3")]
    [InlineData("--code", 6)]
    [InlineData("--workflow", 7)]
    public async Task A_program_builds_and_passes_its_tests_without_a_key(string kind, int tests)
    {
        Assert.Equal(0, (await _agentmcp.Run("new", "corner-shop", kind)).ExitCode);

        var (code, output) = await DotnetTest(Path.Combine(_agentmcp.Folder, "corner-shop"));

        Assert.True(code == 0, output);
        Assert.Matches($@"total: {tests}\s+failed: 0\s+succeeded: {tests}\s", output);
    }

    [Fact]
    public async Task A_program_of_ones_own_has_every_command_but_the_demos_and_new()
    {
        var own = (await _agentmcp.RunOf(Path.Combine(AppContext.BaseDirectory, "Noisy.dll"), "--help")).Output;
        var ours = (await _agentmcp.Run("--help")).Output;

        Assert.Equal(["demo", "new"], Commands(ours).Except(Commands(own)).Order(StringComparer.Ordinal));
        Assert.Empty(Commands(own).Except(Commands(ours)));

        static IEnumerable<string> Commands(string help) => help[(help.IndexOf("Commands:", StringComparison.Ordinal) + 9)..help.IndexOf("Examples", StringComparison.Ordinal)]
            .Split('\n').Where(line => line.StartsWith("  ", StringComparison.Ordinal) && line[2] != ' ').Select(line => line.Trim().Split(' ')[0]);
    }

    [Theory]
    [Trait("Accepts", "SC.2")]
    [InlineData("--file", "agents/tab.agent.md, agents/evals/tab/asks_how_many.json, agents/evals/tab/takes_no_for_an_answer.json.")]
    [InlineData("--code", "tab/Directory.Build.props, ")]
    public async Task A_second_run_writes_nothing_and_says_what_is_there(string kind, string there)
    {
        await _agentmcp.Run("new", "tab", kind);
        var first = Directory.EnumerateFiles(_agentmcp.Folder, "*", SearchOption.AllDirectories).First(file => file.EndsWith(".agent.md", StringComparison.Ordinal));
        await File.WriteAllTextAsync(first, "mine", TestContext.Current.CancellationToken);
        var before = Written();

        var again = await _agentmcp.Run("new", "tab", kind);

        Assert.Equal((3, ""), (again.ExitCode, again.Output));
        Assert.StartsWith("Nothing was written, because this is in ", again.Error, StringComparison.Ordinal);
        Assert.Contains($" already: {there}", again.Error, StringComparison.Ordinal);
        Assert.Equal(before, Written());
        Assert.Equal("mine", await File.ReadAllTextAsync(first, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData(3, "'Tab' cannot be the name", "Tab")]
    [InlineData(3, "'../tab' cannot be the name", "../tab")]
    [InlineData(3, "'1tab' cannot be the name", "1tab")]
    [InlineData(2, "Give one of --file, --code and --workflow.", "tab", "--file", "--code")]
    public async Task A_name_that_will_not_do_is_told(int code, string told, params string[] arguments)
    {
        var ran = await _agentmcp.Run(["new", .. arguments]);

        Assert.StartsWith(told, ran.Error, StringComparison.Ordinal);
        Assert.Equal((code, ""), (ran.ExitCode, ran.Output));
        Assert.Empty(Written());
    }

    [Fact]
    public async Task The_page_quotes_what_is_written()
    {
        await _agentmcp.Run("new", "corner-shop", "--code");
        await _agentmcp.Run("new", "corner-shop", "--workflow", "--into", "with_workflow");
        var code = Written().Select(file => File.ReadAllText(Path.Combine(_agentmcp.Folder, file)).ReplaceLineEndings("\n")).ToList();
        var page = (await File.ReadAllTextAsync(Path.Combine(Repository.Root, "docs", "new.md"), TestContext.Current.CancellationToken)).ReplaceLineEndings("\n");

        Assert.Equal(3, Fence().Count(page));
        Assert.All(Fence().Matches(page), block => Assert.Contains(code, text => text.Contains(block.Groups["body"].Value, StringComparison.Ordinal)));
    }

    private List<string> Written() =>
        [.. Directory.EnumerateFiles(_agentmcp.Folder, "*", SearchOption.AllDirectories).Select(file => Path.GetRelativePath(_agentmcp.Folder, file)).Order(StringComparer.Ordinal)];

    private static async Task<(int Code, string Output)> DotnetTest(string folder)
    {
        var start = new ProcessStartInfo("dotnet", ["test", "--project", "tests/CornerShop.Tests"])
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        // Neither what builds these tests nor what this starts may outlive it, or its output would never end.
        foreach (var (name, value) in new[] { ("MSBUILDDISABLENODEREUSE", "1"), ("UseSharedCompilation", "false"), ("DOTNET_CLI_USE_MSBUILD_SERVER", "0"), ("DOTNET_NOLOGO", "1") })
        {
            start.Environment[name] = value;
        }

        foreach (var inherited in new[] { "MSBuildSDKsPath", "MSBuildExtensionsPath", "MSBUILD_EXE_PATH", "MSBuildLoadMicrosoftTargetsReadOnly", "AGENTMCP_MODEL" })
        {
            start.Environment.Remove(inherited);
        }

        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, await output + await error);
    }

    [GeneratedRegex(@"^```csharp\n(?<body>.*?\n)```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}
