namespace __Agent__.Tests;

public sealed class A_workflow_goes_on_where_it_was
{
    [Fact]
    public async Task Killed_while_it_asks_it_does_nothing_twice()
    {
        var folder = Directory.CreateTempSubdirectory("__agent__-").FullName;
        string thread;
        await using (var first = await Running.Start(folder))
        {
            var asked = await first.Call(__Agent__Workflow.Name, new { lines = new[] { new { item = "lamp", quantity = 2 } } });
            thread = asked.GetProperty("thread_id").GetString()!;
            Assert.Equal("This comes to 79.80. Order it?", asked.GetProperty("requests")[0].GetProperty("question").GetString());
            await first.Kill();
        }

        await using var second = await Running.Start(folder);
        var step = await second.Call("resume_thread", new { thread_id = thread, response = "yes" });
        Assert.Equal("next_step", step.GetProperty("requests")[0].GetProperty("kind").GetString());
        await second.Call("resume_thread", new { thread_id = thread, response = new { intent = "place_order", item = "lamp", quantity = 2 } });
        await second.Call("resume_thread", new { thread_id = thread, approved = true });
        var end = await second.Call("resume_thread", new { thread_id = thread, response = new { intent = "done_for_now", message = "Two lamps are ordered." } });

        Assert.Equal("""{"said":["Two lamps are ordered."]}""", end.GetProperty("output").GetRawText());
        Assert.Single(File.ReadAllLines(Path.Combine(folder, "orders.txt")));
    }
}
