using System.Text.Json;
using AgentMcp.State.Threads;
using static AgentMcp.Server.Channels.Slack.SlackBlocks;

namespace AgentMcp.Server.Channels.Slack;

/// <summary>
/// A request as a Slack message. While it is open it has buttons; once it is closed it says how it ended. The value of
/// a button is its request, by id and mark; its id says what was pressed. Pure.
/// </summary>
internal static class SlackMessage
{
    public const string Approve = "approve";
    public const string Reject = "reject";
    public const string Answer = "answer";

    /// <summary>Begins the id of a prepared reason to reject; its number follows.</summary>
    public const string Reason = "reason:";

    /// <summary>Begins the id of a prepared answer; its number follows.</summary>
    public const string Choice = "choice:";

    /// <summary>The id of the menu that takes the place of buttons where there are many answers.</summary>
    public const string Menu = "menu";

    private const int MostButtons = 10;
    private const int MostInMenu = 100;

    /// <summary>Writes the members <c>text</c> and <c>blocks</c>.</summary>
    public static void Write(Utf8JsonWriter json, Notice notice)
    {
        if (notice.Ending is { } ending)
        {
            // Where the thread came from knows whom it spoke to.
            Write(json, notice.Delivery.Place is null ? $"{notice.Headline}\n{ending.Words}" : ending.Words);
            return;
        }

        var asked = notice.Asked;
        json.WriteString("text", SlackText.Encoded($"{notice.Headline}: {asked.Question}"));
        json.WriteStartArray("blocks");
        Section(json, $"*{SlackText.Encoded(notice.Headline, 200)}*");
        Section(json, SlackText.Encoded(asked.Question));
        if (notice.Outcome is { } outcome)
        {
            Footer(json, SlackText.Encoded(outcome));
        }
        else
        {
            Details(json, asked);
            Footer(json, Facts(notice));
            Actions(json, $"{notice.Request}|{RequestDigest.Mark(asked)}", asked);
        }

        json.WriteEndArray();
    }

    /// <summary>Writes the same members for nothing but words.</summary>
    public static void Write(Utf8JsonWriter json, string words)
    {
        json.WriteString("text", SlackText.Encoded(words));
        json.WriteStartArray("blocks");
        Section(json, SlackText.Encoded(words));
        json.WriteEndArray();
    }

    private static void Details(Utf8JsonWriter json, RequestOpened asked)
    {
        if (!string.IsNullOrWhiteSpace(asked.Context))
        {
            Section(json, SlackText.Encoded(asked.Context));
        }

        if (asked.Action is { } action)
        {
            Section(json, $"*What would be done:* `{SlackText.Encoded(action.Tool, 200)}`");
            Code(json, SlackText.Plain(Indented.Of(action.Arguments), SlackText.Section));
        }
    }

    private static string Facts(Notice notice) => string.Join("  ·  ", new[]
    {
        notice.Asked.DueAt is { } due ? $"Expires {due:yyyy-MM-dd HH:mm} UTC" : null,
        notice.Asked.Changes is null ? null : "The arguments may be changed in the inbox",
        notice.Links.Page(notice.Request) is { } page ? $"<{SlackText.Encoded(page)}|Open in the inbox>" : null,
        $"`{notice.Request}`",
    }.OfType<string>());

    private static void Actions(Utf8JsonWriter json, string request, RequestOpened asked)
    {
        json.WriteStartObject();
        json.WriteString("type", "actions");
        json.WriteStartArray("elements");
        var options = asked.Options ?? (asked.Kind == RequestKind.InDoubt ? InDoubtAnswer.Options : []);
        switch (asked.Kind)
        {
            case RequestKind.Approval:
                Button(json, Approve, "Approve", request, "primary");
                Button(json, Reject, "Reject…", request, "danger");
                Options(json, request, options, Reason, "Reject: ");
                break;
            case RequestKind.Budget:
                Button(json, Approve, "Let it go on", request, "primary");
                Button(json, Reject, "Stop it…", request, "danger");
                Button(json, Answer, "Answer…", request);
                break;
            default:
                Options(json, request, options, Choice, "");
                // A schema and options together mean: one of these.
                if (options.Count == 0 || asked.Schema is null || options.Count > MostInMenu)
                {
                    Button(json, Answer, "Answer…", request);
                }

                break;
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Options(Utf8JsonWriter json, string request, IReadOnlyList<ResponseOption> options, string prefix, string before)
    {
        if (options.Count <= MostButtons)
        {
            for (var i = 0; i < options.Count; i++)
            {
                Button(json, prefix + i, before + (options[i].Title ?? options[i].Name), request);
            }

            return;
        }

        json.WriteStartObject();
        json.WriteString("type", "static_select");
        json.WriteString("action_id", Menu);
        PlainText(json, "placeholder", before.Length > 0 ? "Reject because…" : "Choose…");
        json.WriteStartArray("options");
        for (var i = 0; i < Math.Min(options.Count, MostInMenu); i++)
        {
            json.WriteStartObject();
            PlainText(json, "text", options[i].Title ?? options[i].Name);
            json.WriteString("value", $"{prefix}{i}|{request}");
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }
}
