using System.Net;
using System.Text.RegularExpressions;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Inbox;

public sealed partial class The_inbox_beside_stdio
{
    [Fact]
    public async Task Results_name_the_page_and_an_answer_there_lets_the_thread_go_on()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Stdio, folder.Database, arguments: ["--inbox"]);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        var page = new Uri(pending.Request.GetProperty("inbox_url").GetString()!);
        Assert.Equal(("127.0.0.1", $"/requests/{pending.RequestId}"), (page.Host, page.AbsolutePath));
        using var person = await Visitor.SignedIn(page, folder.Database);

        using var taken = await person.Answer(page.AbsolutePath, ("do", "approve"));

        Assert.Equal(HttpStatusCode.SeeOther, taken.StatusCode);
        Assert.Equal("The result is 0.75.", (await server.Do("wait_thread", new { thread_id = pending.ThreadId })).Message);
    }

    [Fact]
    public async Task The_link_goes_to_standard_error_and_the_process_ends_with_its_client()
    {
        using var folder = new TestFolder();
        using var process = RunningServer.Launch(["stdio", "--inbox"], folder.Database, readErrors: true);
        var line = await process.StandardError.ReadLineAsync(TestContext.Current.CancellationToken);
        Assert.Matches(Link(), line);
        using var person = Visitor.Stranger(new(line!.Split(' ')[^1]));
        using (var entered = await person.Enter(line.Split(' ')[^1]))
        {
            Assert.Equal(HttpStatusCode.SeeOther, entered.StatusCode);
        }

        process.StandardInput.Close();
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.Equal((0, ""), (process.ExitCode, await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)));
    }

    [Fact]
    public async Task Without_it_there_is_no_page_and_no_secret()
    {
        using var folder = new TestFolder();
        await using var server = await RunningServer.Start(Transport.Stdio, folder.Database);
        var pending = await server.Do("calculator", new { message = "divide 3 by 4" });
        Assert.Equal(System.Text.Json.JsonValueKind.Null, pending.Request.GetProperty("inbox_url").ValueKind);
        Assert.False(File.Exists(folder.Database + "-access"));
    }

    [GeneratedRegex(@"^Inbox: http://127\.0\.0\.1:\d+/sign-in\?code=[A-Za-z0-9_-]+\.[0-9a-f]{64}$")]
    private static partial Regex Link();
}
