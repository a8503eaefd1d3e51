using System.Diagnostics;
using Spectre.Console;

namespace AgentMcp.Benchmarks;

/// <summary>
/// What people and clients do all day, in databases of few and of very many threads: go on with one, list a page, look at
/// what waits. Half of the threads wait. The servers are asked in turns, so that all of them meet the same machine.
/// </summary>
internal static class FlatBenchmark
{
    public static int Rounds { get; set; } = 400;

    public static int[] Sizes { get; set; } = [1_000, 100_000, 1_000_000];

    private static readonly (string Name, Func<Asked, Task> Do)[] Operations =
    [
        ("resume (answer, run, complete)", asked => asked.Client.Call("resume_thread", $$"""{"thread_id":"{{asked.Waiting}}","approved":true}""")),
        ("list_threads, a page of 20", asked => asked.Client.Call("list_threads", """{"limit":20}""")),
        ("list_threads, a page in their middle", asked => asked.Client.Call("list_threads", $$"""{"limit":20,"cursor":"{{asked.Middle}}"}""")),
        ("list_threads, pending", asked => asked.Client.Call("list_threads", """{"limit":20,"status":"pending"}""")),
        ("the inbox, first page", asked => asked.Pages.GetStringAsync(asked.Inbox)),
        ("the page of all threads", asked => asked.Pages.GetStringAsync(new Uri(asked.Inbox, "/threads"))),
        ("the REST list of requests, 20", asked => asked.Pages.GetStringAsync(new Uri(asked.Inbox, "/api/v1/requests?limit=20"))),
    ];

    public static async Task<Table> Run()
    {
        using var scratch = new Scratch();
        var servers = new List<Asked>();
        var table = new Table().Title("Flatness, over HTTP: p50 ms by threads in the database").AddColumn("");
        try
        {
            foreach (var threads in Sizes)
            {
                var file = Path.Combine(scratch.Path, $"{threads}.db");
                servers.Add(await Asked.Of(file, Filled.With(file, threads)));
                table.AddColumn($"{threads:N0}");
                var bytes = new FileInfo(file).Length;
                AnsiConsole.MarkupLine($"{threads:N0} threads: {bytes / 1048576.0:N0} MB, {bytes / 3.0 / threads:N0} bytes an event, indexes and all");
            }

            table.AddColumn("slowest of fastest");
            foreach (var (name, operation) in Operations)
            {
                var p50 = await InTurns(servers, operation);
                table.AddRow([name, .. p50.Select(CallBenchmark.Text), CallBenchmark.Text(p50.Max() / p50.Min())]);
            }
        }
        finally
        {
            servers.ForEach(server => server.Dispose());
        }

        return table;
    }

    private static async Task<double[]> InTurns(List<Asked> servers, Func<Asked, Task> operation)
    {
        var times = servers.ConvertAll(_ => new List<double>());
        for (var round = 0; round < Rounds * 2; round++)
        {
            for (var i = 0; i < servers.Count; i++)
            {
                await servers[i].Ask();
                var start = Stopwatch.GetTimestamp();
                await operation(servers[i]);
                // The first half is spent on compiling.
                if (round >= Rounds)
                {
                    times[i].Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                }
            }
        }

        times.ForEach(one => one.Sort());
        return [.. times.Select(one => Load.At(one, 0.5))];
    }

    /// <summary>A server on a database, signed in to its inbox.</summary>
    private sealed class Asked(Child server, HttpRawClient client, HttpClient pages, Uri inbox, string middle) : IDisposable
    {
        public RawClient Client => client;

        public HttpClient Pages => pages;

        public Uri Inbox => inbox;

        public string Middle => middle;

        /// <summary>A thread that waits, newly started.</summary>
        public string Waiting { get; private set; } = "";

        public static async Task<Asked> Of(string database, string middle)
        {
            var server = Child.AgentMcp(database, "rules", "http", "--port", "0");
            var client = new HttpRawClient(await server.Url());
            var link = await server.Url();
            var pages = new HttpClient();
            using var form = new FormUrlEncodedContent([new("code", link.Query.Split("code=")[^1])]);
            using var signedIn = await pages.PostAsync(new Uri(link, "/sign-in"), form);
            signedIn.EnsureSuccessStatusCode();
            pages.DefaultRequestHeaders.Authorization = new("Bearer", (await File.ReadAllTextAsync(database + "-access")).Trim());
            return new(server, client, pages, new Uri(link, "/"), middle);
        }

        public async Task Ask()
        {
            var pending = await client.Call("calculator", """{"message":"divide 3 by 4"}""");
            Waiting = pending.GetProperty("structuredContent").GetProperty("thread_id").GetString()!;
        }

        public void Dispose()
        {
            pages.Dispose();
            client.Dispose();
            server.Dispose();
        }
    }
}
