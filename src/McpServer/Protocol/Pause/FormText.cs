using System.Text;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Protocol.Pause;

/// <summary>What stands above the fields of a form: who asks what, why, and what exactly would run. Pure.</summary>
internal static class FormText
{
    private const int LongestContext = 8000;

    public static string Of(string agent, RequestOpened asked)
    {
        var text = new StringBuilder($"{agent} {(asked.Kind == RequestKind.Approval ? "asks for approval" : "asks")}: {asked.Question}");
        if (asked.Context is { Length: > 0 } context)
        {
            // Never the action: nobody approves what was not shown.
            text.Append("\n\n").Append(context.Length > LongestContext ? context[..LongestContext] + "\n(cut here; the thread holds the whole)" : context);
        }

        if (asked is { Kind: RequestKind.Approval, Action: { } action })
        {
            text.Append($"\n\nIf approved, {action.Tool} runs with:").Append(Arguments(action.Arguments));
        }

        return Visible.Of(text.ToString().ReplaceLineEndings("\n"));
    }

    // Each value as JSON, on a line of its own, so that no text in it can look like another argument.
    private static string Arguments(JsonText arguments) =>
        arguments.Element() is { ValueKind: System.Text.Json.JsonValueKind.Object } named
            ? named.EnumerateObject().ToList() is { Count: > 0 } members
                ? string.Concat(members.Select(member => $"\n  {member.Name}: {JsonText.From(member.Value)}"))
                : "\n  (no arguments)"
            : $"\n  {arguments}";
}
