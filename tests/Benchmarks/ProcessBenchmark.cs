using System.Diagnostics;
using Spectre.Console;

namespace AgentMcp.Benchmarks;

/// <summary>What the process itself costs: from its start to the first answer, and its memory.</summary>
internal static class ProcessBenchmark
{
    private const string Initialize = """{"jsonrpc":"2.0","id":1,"method":"initialize","params":{"protocolVersion":"2025-11-25","capabilities":{},"clientInfo":{"name":"bench","version":"1"}}}""";
    private const string Initialized = """{"jsonrpc":"2.0","method":"notifications/initialized"}""";
    private const string List = """{"jsonrpc":"2.0","id":2,"method":"tools/list","params":{}}""";

    public static async Task<Table> ColdStart()
    {
        const int Rounds = 15;
        var table = new Table().Title("Cold start of stdio, from process start to the answer of tools/list").AddColumns("", "p50 ms", "worst ms", "processor ms, p50");
        using var scratch = new Scratch();
        var servers = new (string Name, Func<Child> Start, List<double> Took, List<double> Processor)[]
        {
            ("bare SDK echo", () => Child.Echo("stdio"), [], []),
            ("agentmcp, new database", () => Child.AgentMcp(Path.Combine(scratch.Path, Guid.NewGuid() + ".db"), "caller", "stdio"), [], []),
            ("agentmcp, existing database", () => Child.AgentMcp(scratch.Database, "caller", "stdio"), [], []),
        };
        for (var i = 0; i < Rounds; i++)
        {
            foreach (var server in servers)
            {
                var clock = Stopwatch.GetTimestamp();
                using var child = server.Start();
                using var client = new StdioRawClient(child.Process);
                await client.Send(1, Initialize);
                _ = client.Send(-1, Initialized);
                await client.Send(2, List);
                server.Took.Add(Stopwatch.GetElapsedTime(clock).TotalMilliseconds);
                child.Process.Refresh();
                server.Processor.Add(child.Process.TotalProcessorTime.TotalMilliseconds);
            }
        }

        foreach (var server in servers)
        {
            server.Took.Sort();
            server.Processor.Sort();
            table.AddRow(server.Name, CallBenchmark.Text(Load.At(server.Took, 0.5)), CallBenchmark.Text(server.Took[^1]), CallBenchmark.Text(Load.At(server.Processor, 0.5)));
        }

        return table;
    }

    public static async Task<Table> Memory()
    {
        const int Threads = 10_000;
        var table = new Table().Title("Memory of agentmcp stdio").AddColumns("", "working set MB", "processor ms in 10 s at rest");
        using var scratch = new Scratch();
        using (var child = Child.AgentMcp(scratch.Database, "rules", "stdio"))
        using (var client = new StdioRawClient(child.Process))
        {
            await client.Call("list_threads", "{}");
            await Add(child, "idle, after the first call");
            for (var started = 0; started < Threads; started += 100)
            {
                await Task.WhenAll(Enumerable.Range(0, 100).Select(_ => client.Call("calculator", """{"message":"divide 3 by 4"}""")));
            }

            await Add(child, $"after {Threads:N0} threads that wait");
            await Add(child, "the same, 10 s later");
        }

        using (var child = Child.AgentMcp(scratch.Database, "rules", "stdio"))
        using (var client = new StdioRawClient(child.Process))
        {
            await client.Call("list_threads", "{}");
            await Add(child, "a new process on these, after the first call");
            await Add(child, "the same, 10 s later");
        }

        return table;

        async Task Add(Child child, string when)
        {
            child.Process.Refresh();
            var (memory, before) = (child.Process.WorkingSet64, child.Process.TotalProcessorTime);
            await Task.Delay(TimeSpan.FromSeconds(10));
            child.Process.Refresh();
            table.AddRow(when, CallBenchmark.Text(memory / 1048576.0), CallBenchmark.Text((child.Process.TotalProcessorTime - before).TotalMilliseconds));
        }
    }
}
