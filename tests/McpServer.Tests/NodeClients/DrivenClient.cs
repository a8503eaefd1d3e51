using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.NodeClients;

/// <summary>One of the TypeScript SDKs, driven by drive.mjs through a list of calls.</summary>
/// <param name="Sdk"><c>client</c> is @modelcontextprotocol/client, <c>sdk</c> is @modelcontextprotocol/sdk.</param>
/// <param name="Protocol">The version to use; null lets the client choose.</param>
public sealed record DrivenClient(string Sdk, string? Protocol)
{
    /// <param name="url">The server over HTTP; null starts one over stdio, on <paramref name="database"/>.</param>
    /// <param name="person">What the person does with each form; null when the client declares no forms.</param>
    public async Task<Seen> Call(Uri? url, string database, IReadOnlyDictionary<string, string> settings, object[]? person, params (string Tool, object Arguments)[] calls)
    {
        Node.Require();
        var environment = settings.ToDictionary(setting => "AGENTMCP_" + setting.Key.ToUpperInvariant(), setting => setting.Value);
        environment["AGENTMCP_DB"] = database;
        environment["AGENTMCP_MODEL"] = "rules";
        var job = new JsonObject
        {
            ["sdk"] = Sdk,
            ["protocol"] = Protocol,
            ["server"] = url is not null ? new JsonObject { ["url"] = url.ToString() } : new JsonObject
            {
                ["command"] = "dotnet",
                ["args"] = new JsonArray(TheProgram.Path, "stdio"),
                ["env"] = JsonSerializer.SerializeToNode(environment),
            },
            ["elicitation"] = JsonSerializer.SerializeToNode(person),
            ["calls"] = new JsonArray([.. calls.Select(call => new JsonObject { ["tool"] = call.Tool, ["arguments"] = JsonSerializer.SerializeToNode(call.Arguments) })]),
        };
        var seen = JsonElement.Parse(await Node.Run("node", ["drive.mjs", job.ToJsonString()]));
        return new([.. seen.GetProperty("forms").EnumerateArray().Select(form => form.GetProperty("message").GetString()!)], [.. seen.GetProperty("results").EnumerateArray()]);
    }
}

/// <param name="Forms">The messages of the forms that were shown.</param>
/// <param name="Results">The structured results, with <c>isError</c> beside their members; or <c>thrown</c>.</param>
public sealed record Seen(IReadOnlyList<string> Forms, IReadOnlyList<JsonElement> Results)
{
    /// <summary>The path a thread took: <c>pending (approval) -> completed</c>.</summary>
    public string Path => string.Join(" -> ", Results.Select(result => result.TryGetProperty("thrown", out var thrown) ? $"error: {thrown.GetString()}"
        : !result.TryGetProperty("status", out var status) ? $"refused: {result.GetProperty("text")[0].GetProperty("text").GetString()!.Split(':')[0]}"
        : status.GetString() == "pending" ? $"pending ({result.GetProperty("requests")[0].GetProperty("kind").GetString()})"
        : status.GetString()!));
}
