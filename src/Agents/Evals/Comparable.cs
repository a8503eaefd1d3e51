using System.Text.Json.Nodes;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Evals;

/// <summary>
/// An event without what is no deed of the loop: when it happened (of a sleep, how long it is remains), and who may
/// answer and how they are told, which the server's settings have a say in. Pure.
/// </summary>
internal static class Comparable
{
    private static readonly string[] Settings = ["at", "due_at", "answerable_by", "responders", "reach"];

    public static string Of(ThreadEvent happened)
    {
        var node = JsonNode.Parse(ThreadJson.Write(happened), documentOptions: new() { MaxDepth = 128 })!.AsObject();
        if (happened is RequestOpened { Kind: RequestKind.Sleep, DueAt: { } due })
        {
            node["seconds"] = (due - happened.At).TotalSeconds;
        }

        foreach (var name in Settings)
        {
            node.Remove(name);
        }

        return node.ToJsonString();
    }
}
