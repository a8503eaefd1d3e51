using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tests.Faults;

/// <summary>Real processes when something around them goes wrong.</summary>
public sealed class Servers_in_trouble
{
    private static readonly TimeSpan LongEnd = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_database_that_is_moved_away_is_said_in_every_answer_and_used_again_once_it_is_back()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Stdio, folder.Database);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        File.Move(folder.Database, folder.Database + ".away");

        foreach (var (tool, arguments) in new (string, object)[]
        {
            ("calculator", new { message = "divide 3 by 4" }),
            ("get_thread", new { thread_id = pending.ThreadId }),
            ("resume_thread", new { thread_id = pending.ThreadId, approved = true }),
        })
        {
            Assert.StartsWith($"unavailable: {folder.Database} was deleted or replaced while this program had it open. Nothing more is read from it or written to it.",
                await server.Refusal(tool, arguments), StringComparison.Ordinal);
        }

        Assert.False(File.Exists(folder.Database));
        File.Move(folder.Database + ".away", folder.Database);
        Assert.Equal("completed", (await server.Do("resume_thread", new { thread_id = pending.ThreadId, approved = true })).Status);
    }

    [Fact]
    [Trait("Accepts", "R.6")]
    public async Task A_signal_under_load_ends_the_server_in_bounded_time_and_what_was_answered_is_stored()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database, Ways.Newest);
        var answered = new ConcurrentBag<Reply>();
        using var enough = new SemaphoreSlim(0);
        var load = Enumerable.Range(0, 8).Select(client => Task.Run(async () =>
        {
            for (var i = 0; ; i++)
            {
                answered.Add(await server.Do("calculator", new { message = $"{(i % 2 == 0 ? "multiply" : "divide")} {i} and 3", wait_seconds = 30 }));
                enough.Release();
            }
        })).ToList();
        for (var i = 0; i < 60; i++)
        {
            await enough.WaitAsync(TestContext.Current.CancellationToken);
        }

        var watch = Stopwatch.StartNew();
        Assert.Equal(0, await server.Terminate());
        Assert.InRange(watch.Elapsed, TimeSpan.Zero, LongEnd);
        await Task.WhenAll(load.Select(client => Assert.ThrowsAnyAsync<Exception>(() => client)));

        using var database = Database.Open(folder.Database);
        Assert.Empty(new Verification(database).Run().Flaws);
        var index = new ThreadIndex(database);
        Assert.All(answered, reply => Assert.True(index.VersionOf(ThreadId.Parse(reply.ThreadId)) >= reply.Version));
    }

    [Fact]
    public async Task A_client_that_never_reads_costs_others_nothing_and_its_server_ends_with_its_input()
    {
        using var folder = new TestFolder();
        await using var others = await RunningServer.Start(Transport.Http, folder.Database, Ways.Newest);
        await using var deaf = new RawStdio(folder.Database);
        await deaf.Initialize();
        // Far more than a pipe holds, and nothing of it is read.
        for (var i = 0; i < 300; i++)
        {
            await deaf.Send($$"""{"jsonrpc":"2.0","id":"list {{i}}","method":"tools/list"}""");
            await deaf.Call($"call {i}", "calculator", new { message = "multiply 3 and 4" });
        }

        Assert.Equal("completed", (await others.Do("calculator", new { message = "multiply 3 and 4" })).Status);
        deaf.Process.Refresh();
        Assert.InRange(deaf.Process.WorkingSet64, 0, 600L << 20);

        deaf.Process.StandardInput.Close();
        await deaf.Process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(LongEnd, TestContext.Current.CancellationToken);
        Assert.Equal(0, deaf.Process.ExitCode);
        using var database = Database.Open(folder.Database);
        Assert.Empty(new Verification(database).Run().Flaws);
    }

    [Fact]
    public async Task Clients_that_never_read_their_streams_cost_others_nothing_and_their_server_ends_when_it_is_told_to()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database, Ways.Newest);
        // Far more than what a connection holds that nobody reads from.
        var asked = await server.Do("calculator", new { message = new string('x', 260_000) });
        Assert.Equal("pending", asked.Status);
        var large = asked.ThreadId;
        var key = (await File.ReadAllTextAsync(folder.Database + "-access", TestContext.Current.CancellationToken)).Trim();
        var call = $$$$"""{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_thread","arguments":{"thread_id":"{{{{large}}}}","include_events":true},"_meta":{"io.modelcontextprotocol/protocolVersion":"{{{{Ways.Newest}}}}","io.modelcontextprotocol/clientInfo":{"name":"deaf","version":"1"},"io.modelcontextprotocol/clientCapabilities":{} } } }""";
        string[] requests =
        [
            $"GET /api/v1/threads/{large}/events HTTP/1.1\r\nHost: localhost:{server.Url!.Port}\r\nAuthorization: Bearer {key}\r\nAccept: text/event-stream\r\n\r\n",
            $"POST /mcp HTTP/1.1\r\nHost: localhost:{server.Url.Port}\r\nAccept: application/json, text/event-stream\r\nContent-Type: application/json\r\nMCP-Protocol-Version: {Ways.Newest}\r\nMcp-Method: tools/call\r\nMcp-Name: get_thread\r\nContent-Length: {call.Length}\r\n\r\n{call}",
        ];
        var deaf = new List<Socket>();
        try
        {
            foreach (var request in Enumerable.Repeat(requests, 12).SelectMany(both => both))
            {
                deaf.Add(await Deaf(server.Url, request));
            }

            Assert.Equal("completed", (await server.Do("calculator", new { message = "multiply 3 and 4" })).Status);

            var watch = Stopwatch.StartNew();
            Assert.Equal(0, await server.Terminate());
            Assert.InRange(watch.Elapsed, TimeSpan.Zero, LongEnd);
        }
        finally
        {
            deaf.ForEach(socket => socket.Dispose());
        }

        using var database = Database.Open(folder.Database);
        Assert.Empty(new Verification(database).Run().Flaws);
    }

    // It reads that it is served, and nothing more.
    private static async Task<Socket> Deaf(Uri server, string request)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 1024 };
        await socket.ConnectAsync(IPAddress.Loopback, server.Port, TestContext.Current.CancellationToken);
        await socket.SendAsync(Encoding.ASCII.GetBytes(request), TestContext.Current.CancellationToken);
        var start = new byte["HTTP/1.1 200".Length];
        await using var stream = new NetworkStream(socket);
        await stream.ReadExactlyAsync(start, TestContext.Current.CancellationToken);
        Assert.Equal("HTTP/1.1 200", Encoding.ASCII.GetString(start));
        return socket;
    }
}
