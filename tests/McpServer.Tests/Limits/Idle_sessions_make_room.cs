using System.Net;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Limits;

public sealed class Idle_sessions_make_room
{
    [Fact]
    public async Task The_one_idle_longest_ends_and_its_client_goes_on_in_another()
    {
        const string Ping = """{"jsonrpc":"2.0","id":2,"method":"ping"}""";
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Http, folder.Database, Ways.Newest, new Dictionary<string, string> { ["max_sessions"] = "2" });
        using var oldest = await RawHttp.Session(server.Url!);
        var thread = (await oldest.Call(3, "calculator", new { message = "divide 3 by 4" })).GetProperty("result").GetProperty("structuredContent").GetProperty("thread_id").GetString();

        // That a session is idle is known a moment after its answer, so one more may find room beside it.
        List<RawHttp> later = [];
        for (var i = 0; i < 4; i++)
        {
            later.Add(await RawHttp.Session(server.Url!));
        }

        using var ended = await oldest.Post(Ping);
        using var newest = await later[^1].Post(Ping);
        using var before = await later[^2].Post(Ping);
        using var another = await RawHttp.Session(server.Url!);
        var answered = await another.Call(4, "resume_thread", new { thread_id = thread, approved = true, wait_seconds = 30 });
        later.ForEach(session => session.Dispose());

        Assert.Equal((HttpStatusCode.NotFound, HttpStatusCode.OK, HttpStatusCode.OK), (ended.StatusCode, newest.StatusCode, before.StatusCode));
        Assert.Equal("completed", answered.GetProperty("result").GetProperty("structuredContent").GetProperty("status").GetString());
    }
}
