using System.Text.RegularExpressions;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Channels;

public sealed partial class Webhooks_tell_people : IAsyncDisposable
{
    private readonly Receiver _ops = new();
    private readonly Receiver _boss = new();

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task A_request_is_told_once_it_is_stored_and_again_once_it_is_closed()
    {
        await using var bench = await Bench.Start(_ops.As("ops", "notify=ops", "public_url=https://agents.example.com/"));
        _ops.WhenItCame = () => Stored(bench, "SELECT group_concat(type) FROM events");
        var asked = await bench.AskToDivide();
        var notice = await _ops.Next();
        Assert.Equal(($"{asked.RequestId}_request", true, "thread_started,step_chosen,request_opened"), (notice.Id, notice.WellSigned, notice.Seen));
        Assert.Equal(
            """
            {"type":"request.opened","timestamp":"AT","data":{"thread_id":"thr_N","request_id":"req_N_3","digest":"sha256:D","agent":"calculator","kind":"approval","question":"Run divide with a 3, b 4?","context":null,"schema":null,"options":[],"action":{"tool":"divide","arguments":{"a":3,"b":4},"digest":"sha256:D","changes_schema":null},"responders":[],"requested_at":"AT","expires_at":null,"url":"https://agents.example.com/requests/req_N_3","outcome":null}}
            """.Trim(), Stable(notice.Body.GetRawText()));

        await bench.Server.Do("resume_thread", new { thread_id = asked.ThreadId, approved = true });
        var closed = await _ops.Next();
        Assert.Equal(($"{asked.RequestId}_closed", "request.closed", "Approved by local through http"), (closed.Id, closed.Type, closed.Outcome));
        Assert.Equal("The result is 0.75.", (await bench.Finished(asked.ThreadId)).Message);
    }

    [Fact]
    [Trait("Accepts", "A2H.7")]
    public async Task A_reminder_and_an_escalation_tell_of_the_same_request_and_change_nothing_about_it()
    {
        await using var bench = await Bench.Start(_ops.As("ops").Concat(_boss.As("boss", "notify=ops", "remind_after=0.3s", "escalate_to=boss", "escalate_after=0.6s")).ToDictionary());
        var asked = await bench.AskToDivide();
        Receiver.Notice[] told = [await _ops.Next(), await _ops.Next(), await _boss.Next()];
        Assert.Equal(["request.opened", "request.reminder", "request.escalated"], told.Select(notice => notice.Type));
        Assert.All(told, notice => Assert.Equal(told[0].Data.GetRawText(), notice.Data.GetRawText()));
        Assert.Equal((asked.RequestId, asked.Version), (told[2].Request, (await bench.Get(asked.ThreadId)).Version));

        await bench.Server.Do("resume_thread", new { thread_id = asked.ThreadId, approved = false, comment = "use 5 instead" });
        Assert.Equal(
            ["request.closed Rejected by local through http: use 5 instead", "request.closed Rejected by local through http: use 5 instead"],
            [Said(await NextClosed(_ops)), Said(await NextClosed(_boss))]);
    }

    [Fact]
    public async Task Unless_told_nobody_is_reminded_and_nothing_expires()
    {
        await using var bench = await Bench.Start(_ops.As("ops", "notify=ops"));
        var asked = await bench.AskToDivide();
        Assert.Equal("null", (await _ops.Next()).Data.GetProperty("expires_at").GetRawText());
        Assert.Equal("request", Stored(bench, "SELECT group_concat(kind) FROM deliveries"));
        Assert.Equal("pending", (await bench.Get(asked.ThreadId)).Status);
    }

    [Fact]
    public async Task An_approval_that_expired_is_told_as_a_rejection()
    {
        await using var bench = await Bench.Start(_ops.As("ops", "notify=ops", "expire_after=1s"));
        var asked = await bench.AskToDivide();
        Assert.Equal("request.opened", (await _ops.Next()).Type);
        Assert.Equal("request.closed Expired without an answer, which counts as a rejection", Said(await _ops.Next()));
        Assert.Equal("Nothing was calculated: the operation was denied.", (await bench.Finished(asked.ThreadId)).Message);
    }

    [Fact]
    public async Task A_cancelled_thread_tells_whoever_was_asked()
    {
        await using var bench = await Bench.Start(_ops.As("ops", "notify=ops"));
        var asked = await bench.AskToDivide();
        await _ops.Next();
        await bench.Server.Do("cancel_thread", new { thread_id = asked.ThreadId });
        Assert.Equal("request.closed Cancelled by local through http", Said(await _ops.Next()));
    }

    public async ValueTask DisposeAsync()
    {
        await _ops.DisposeAsync();
        await _boss.DisposeAsync();
    }

    private static object? Stored(Bench bench, string sql)
    {
        using var database = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={bench.Database}");
        database.Open();
        using var read = new Microsoft.Data.Sqlite.SqliteCommand(sql, database);
        return read.ExecuteScalar();
    }

    // Another reminder may be on its way while it is closed.
    private static async Task<Receiver.Notice> NextClosed(Receiver receiver)
    {
        while (true)
        {
            if (await receiver.Next() is { Type: "request.closed" } closed)
            {
                return closed;
            }
        }
    }

    private static string Said(Receiver.Notice notice) => $"{notice.Type} {notice.Outcome}";

    private static string Stable(string json) => Moment().Replace(Hex().Replace(json, match => match.Value.StartsWith("sha256", StringComparison.Ordinal) ? "sha256:D" : match.Value[..4] + "N"), "\"AT\"");

    [GeneratedRegex("(thr_|req_)[0-9a-f]{32}|sha256:[0-9a-f]{64}")]
    private static partial Regex Hex();

    [GeneratedRegex("\"20\\d\\d-[^\"]*\"")]
    private static partial Regex Moment();
}
