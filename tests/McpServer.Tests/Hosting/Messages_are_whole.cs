using System.IO.Pipelines;
using System.Text;
using AgentMcp.Server.Hosting;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Tests.Hosting;

/// <summary>Found by the fuzzer: a call that was cancelled while its answer went out left two messages on one line.</summary>
public sealed class Messages_are_whole
{
    [Fact]
    public async Task A_call_that_is_cancelled_while_its_answer_is_written_still_ends_the_line()
    {
        using var cancelled = new CancellationTokenSource();
        using var written = new Written(cancelled);
        await using var transport = new StreamServerTransport(new Pipe().Reader.AsStream(), new WholeMessages(written), "agentmcp");

        await transport.SendMessageAsync(new JsonRpcNotification { Method = "first" }, cancelled.Token);
        await transport.SendMessageAsync(new JsonRpcNotification { Method = "second" }, TestContext.Current.CancellationToken);

        Assert.True(cancelled.IsCancellationRequested);
        Assert.Equal("{\"method\":\"first\",\"jsonrpc\":\"2.0\"}\n{\"method\":\"second\",\"jsonrpc\":\"2.0\"}\n", Encoding.UTF8.GetString(written.ToArray()));
    }

    /// <summary>The client's stop comes in as soon as something was written.</summary>
    private sealed class Written(CancellationTokenSource cancelled) : MemoryStream
    {
        public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await base.WriteAsync(buffer, cancellationToken);
            await cancelled.CancelAsync();
        }
    }
}
