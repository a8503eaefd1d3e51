namespace __Agent__.Tests;

public sealed class A_killed_process_loses_nothing
{
    [Fact]
    public async Task An_order_that_waits_for_a_yes_is_placed_once_by_the_next_process()
    {
        var folder = Directory.CreateTempSubdirectory("__agent__-").FullName;
        string thread;
        await using (var first = await Running.Start(folder))
        {
            var asked = await first.Call("__agent__", new { message = "two lamps, please" });
            thread = asked.GetProperty("thread_id").GetString()!;
            var gated = await first.Call("resume_thread", new { thread_id = thread, response = new { intent = "place_order", item = "lamp", quantity = 2 } });
            Assert.Equal("approval", gated.GetProperty("requests")[0].GetProperty("kind").GetString());
            await first.Kill();
        }

        Assert.False(File.Exists(Path.Combine(folder, "orders.txt")));
        await using var second = await Running.Start(folder);
        await second.Call("resume_thread", new { thread_id = thread, approved = true });
        var end = await second.Call("resume_thread", new { thread_id = thread, response = new { intent = "done_for_now", message = "Two lamps are ordered." } });

        Assert.Equal("completed", end.GetProperty("status").GetString());
        Assert.EndsWith(" 2 lamp", Assert.Single(File.ReadAllLines(Path.Combine(folder, "orders.txt"))), StringComparison.Ordinal);
    }
}
