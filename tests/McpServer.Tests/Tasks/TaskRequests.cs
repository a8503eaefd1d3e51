using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Tasks;

internal static class TaskRequests
{
    /// <summary>Starts a run that stays at work until the test lets it go on, and returns its task.</summary>
    public static async Task<string> Begin(this ModernClient client, HeldModel.Held held)
    {
        var created = await client.Call("slow", new { message = held.Word, wait_seconds = 0 }, ModernClient.WithForms);
        return created.GetProperty("result").GetProperty("taskId").GetString()!;
    }

    /// <summary>The same, up to the moment at which it waits for what the step asks.</summary>
    public static async Task<(string Task, string Key)> Asked(this ModernClient client, HeldModel.Held held, object step)
    {
        var task = await client.Begin(held);
        held.Release(step);
        var stream = await client.Listen($$"""{"taskIds":["{{task}}"]}""", ModernClient.WithForms);
        return (task, (await stream.UntilTask("input_required")).GetProperty("inputRequests").EnumerateObject().Single().Name);
    }

    public static Task<JsonElement> Get(this ModernClient client, string task, string capabilities = ModernClient.WithForms) =>
        client.Ask("tasks/get", new() { ["taskId"] = task }, capabilities);

    public static async Task<string?> Status(this ModernClient client, string task, string capabilities = ModernClient.WithForms) =>
        (await client.Get(task, capabilities)).GetProperty("result").GetProperty("status").GetString();

    public static Task<JsonElement> Cancel(this ModernClient client, string task) => client.Ask("tasks/cancel", new() { ["taskId"] = task }, ModernClient.WithTasks);

    public static Task<JsonElement> Update(this ModernClient client, string task, string key, string answer) => client.Ask("tasks/update",
        new() { ["taskId"] = task, ["inputResponses"] = new JsonObject { [key] = JsonNode.Parse(answer) } }, ModernClient.WithForms);

    /// <summary>Follows the task until it has this status, and returns it as <c>tasks/get</c> tells it then.</summary>
    public static async Task<JsonElement> Until(this ModernClient client, string task, string status, string capabilities = ModernClient.WithForms)
    {
        var stream = await client.Listen($$"""{"taskIds":["{{task}}"]}""", capabilities);
        return await stream.UntilTask(status);
    }
}
