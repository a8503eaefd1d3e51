using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Inbox;

public sealed class Pages_hear_of_changes
{
    [Theory]
    [InlineData(Transport.Http)]
    [InlineData(Transport.Stdio)]
    public async Task The_stream_says_how_many_wait_whichever_process_asked(Transport asks)
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database);
        await using var other = asks == Transport.Http ? null : await RunningServer.Start(asks, folder.Database);
        using var person = await Visitor.SignedIn(server.Url!, folder.Database);
        using var stream = await person.Get("/live");
        Assert.Equal("text/event-stream", stream.Content.Headers.ContentType!.MediaType);
        using var lines = new StreamReader(await stream.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));
        Assert.Equal("data: 0", await Next(lines));

        await (other ?? server).Do("calculator", new { message = "divide 3 by 4" });

        // A thread is written in several commits, and each of them may be told of.
        string? told;
        do
        {
            told = await Next(lines);
        }
        while (told == "data: 0");
        Assert.Equal("data: 1", told);
    }

    private static async Task<string?> Next(StreamReader lines)
    {
        while (await lines.ReadLineAsync(TestContext.Current.CancellationToken) is { } line)
        {
            if (line.StartsWith("data", StringComparison.Ordinal))
            {
                return line;
            }
        }

        return null;
    }
}
