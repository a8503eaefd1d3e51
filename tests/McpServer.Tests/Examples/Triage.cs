namespace AgentMcp.Server.Tests.Examples;

public sealed class Triage
{
    [Fact]
    [Trait("Accepts", "F13.1")]
    [Trait("Accepts", "F8.1")]
    [Trait("Accepts", "F6.4")]
    public async Task It_reads_asks_and_writes_only_what_was_approved()
    {
        using var example = new Example("triage", "issues");
        await using var server = await example.Start();
        var before = example.Read("101-paid-twice.md");

        var start = await server.Do("triage", new { message = "Sort what is new." });
        Assert.Equal("next_step", start.Kind);
        // The folder was looked at ahead of the first decision.
        Assert.Contains("101-paid-twice.md", start.Request.GetProperty("context").GetString(), StringComparison.Ordinal);

        var read = await Step(new { intent = "issues.read_text_file", path = "101-paid-twice.md" });
        Assert.Contains("My card was charged twice", read.Request.GetProperty("context").GetString(), StringComparison.Ordinal);

        var asked = await Step(new
        {
            intent = "request_human_input",
            question = "101-paid-twice.md: is this p1?",
            options = new { format = "multiple_choice", choices = new[] { "p1", "p2" } },
        });
        Assert.Equal("question", asked.Kind);
        await Step("p1");

        var edit = new { path = "101-paid-twice.md", edits = new[] { new { oldText = "labels: []\nowner:\n", newText = "labels: [bug, p1]\nowner: ravi\n" } } };
        var gated = await Step(new { intent = "issues.edit_file", edit.path, edit.edits });
        Assert.Equal(("approval", "issues.edit_file"), (gated.Kind, gated.Request.GetProperty("action").GetProperty("tool").GetString()));
        Assert.Equal(before, example.Read("101-paid-twice.md"));

        await server.Do("resume_thread", new { thread_id = start.ThreadId, approved = true });
        Assert.Equal(before.Replace("labels: []\nowner:\n", "labels: [bug, p1]\nowner: ravi\n", StringComparison.Ordinal), example.Read("101-paid-twice.md"));

        var done = await Step(new { intent = "done_for_now", message = "101-paid-twice.md: bug, p1, ravi" });
        Assert.Equal("completed", done.Status);

        Task<Running.Reply> Step(object response) => server.Do("resume_thread", new { thread_id = start.ThreadId, response });
    }
}
