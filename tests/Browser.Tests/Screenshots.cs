using AgentMcp.Browser.Tests.Driving;
using AgentMcp.Server.Cli.Demo;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.Playwright;

namespace AgentMcp.Browser.Tests;

/// <summary>The pictures of the documentation. The script beside this file keeps them; as a test it only proves that they can be taken.</summary>
public sealed class Screenshots(Chromium chromium)
{
    private static readonly string? Folder = Environment.GetEnvironmentVariable("SCREENSHOTS");

    [Fact]
    public async Task The_pictures_of_the_documentation_can_be_taken()
    {
        using var playground = await Playground.Create(keep: false, TestContext.Current.CancellationToken);
        await using var inbox = await OpenInbox.Start(chromium, new Dictionary<string, string>
        {
            ["deploy_repo"] = playground.Repository,
            ["deploy_releases"] = playground.Releases,
        });
        var deploy = await inbox.Server.Do("deploybot", new { message = "deploy the latest commit to production" });
        await inbox.Server.Do("resume_thread", new { thread_id = deploy.ThreadId, approved = false, comment = "deploy the backend first" });
        deploy = await inbox.Server.Do("wait_thread", new { thread_id = deploy.ThreadId });
        await inbox.Server.Do("calculator", new { message = "multiply 3 and 4" });
        var divide = await inbox.Server.Do("calculator", new { message = "divide 3 by 4" });
        await inbox.Server.Do("resume_thread", new { thread_id = divide.ThreadId, approved = true });
        var now = DateTimeOffset.UtcNow;
        await Planted.Request(inbox.Database, new(now.AddHours(-26), RequestKind.Budget, "deploybot has taken 10 steps and is not done. May it take 10 more?",
            "Its last steps:\n- list_git_commits {}: 3 commits\n- list_vercel_deployments {}: 2 deployments"), "deploybot");
        var form = await Planted.Request(inbox.Database, new(now.AddMinutes(-42), RequestKind.Question, "How should the invoice for the workshop be sent?",
            "The customer asked for **one invoice** for both days. The last one went out by post.", JsonText.Parse("""
            {"type":"object","properties":{
              "recipient":{"type":"string","maxLength":100,"description":"As it stands in the contract."},
              "way":{"type":"string","title":"Sent by","enum":["e-mail","post"]},
              "due":{"type":"string","format":"date","title":"Payable until"},
              "copies":{"type":"integer","minimum":1,"maximum":5,"default":1},
              "note":{"type":"string"}},"required":["recipient","way","due"]}
            """)));
        await Planted.Request(inbox.Database, new(now.AddHours(-3), RequestKind.InDoubt, "tag_push_prod was cut off and nobody knows whether it happened. What became of it?"), "deploybot");

        await Take(await inbox.Person(), inbox.Site + "/", "inbox-pending");
        await Take(await inbox.Person(ColorScheme.Dark), $"{inbox.Site}/requests/{deploy.RequestId}", "inbox-request-dark");
        await Take(await inbox.Person(phone: true), $"{inbox.Site}/requests/{form.Request}", "inbox-form-phone");
        await Take(await inbox.Person(), $"{inbox.Site}/threads/{deploy.ThreadId}", "inbox-thread");
    }

    private static async Task Take(IPage page, string address, string name)
    {
        await page.GotoAsync(address);
        var picture = await page.ScreenshotAsync(new() { Scale = ScreenshotScale.Css });
        if (Folder is { } folder)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, name + ".png"), picture, TestContext.Current.CancellationToken);
        }
    }
}
