namespace AgentMcp.Server.Tests.Examples;

public sealed class Researcher
{
    [Fact]
    [Trait("Accepts", "F1.3")]
    [Trait("Accepts", "F8.1")]
    [Trait("Accepts", "S.2")]
    public async Task It_reads_without_asking_and_ends_only_with_sources()
    {
        using var example = new Example("researcher", "documents");
        await using var server = await example.Start();

        var start = await server.Do("researcher", new { question = "How long does a refund take?", depth = "quick" });
        Assert.Contains("refunds-2026.md", start.Request.GetProperty("context").GetString(), StringComparison.Ordinal);
        var read = await Step(new { intent = "documents.read_text_file", path = "refunds-2026.md" });
        Assert.Equal("next_step", read.Kind);
        Assert.Contains("within 5 working days", read.Request.GetProperty("context").GetString(), StringComparison.Ordinal);

        await File.WriteAllTextAsync(Path.Combine(example.Files, "minutes.md"), string.Concat(Enumerable.Repeat("The board met and spoke about refunds at length. ", 2_000)), TestContext.Current.CancellationToken);
        var longRead = await Step(new { intent = "documents.read_text_file", path = "minutes.md" });
        Assert.Contains("[shortened:", longRead.Request.GetProperty("context").GetString(), StringComparison.Ordinal);

        var bare = await server.Refusal("resume_thread", new { thread_id = start.ThreadId, response = new { intent = "done_for_now", answer = "Five working days." } });
        Assert.Contains("sources", bare, StringComparison.Ordinal);
        var done = await Step(new
        {
            intent = "done_for_now",
            answer = "Five working days, since January 2026.",
            sources = new[] { new { file = "refunds-2026.md", quote = "Refunds are paid within 5 working days" } },
        });
        Assert.Equal("completed", done.Status);

        // Nothing it may choose changes anything.
        var writes = await server.Do("researcher", new { question = "?" });
        Assert.Contains("There is no intent 'documents.write_file'", await server.Refusal("resume_thread", new
        {
            thread_id = writes.ThreadId,
            response = new { intent = "documents.write_file", path = "refunds-2026.md", content = "" },
        }), StringComparison.Ordinal);

        Task<Running.Reply> Step(object response) => server.Do("resume_thread", new { thread_id = start.ThreadId, response });
    }
}
