using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Faults.World;

/// <summary>A provider whose model plays the script in its prompt: as many steps as it reads there are done.</summary>
internal static partial class PlayedModel
{
    public static async Task<IResult> Answer(HttpRequest request)
    {
        using var body = await JsonDocument.ParseAsync(request.Body);
        var prompt = body.RootElement.GetProperty("messages").EnumerateArray().Last().GetProperty("content");
        var text = prompt.ValueKind == JsonValueKind.String ? prompt.GetString()! : prompt[0].GetProperty("text").GetString()!;
        var script = Script().Match(text).Groups[1].Value.Split(" ; ");
        var done = Steps().Count(text);
        var step = done < script.Length
            ? new { intent = script[done].Split(' ')[0], message = string.Join(' ', script[done].Split(' ').Skip(1)) }
            : new { intent = "done_for_now", message = $"played {script.Length} steps" };
        return Results.Json(new
        {
            id = "1",
            @object = "chat.completion",
            created = 0,
            model = "played",
            choices = new[] { new { index = 0, finish_reason = "stop", message = new { role = "assistant", content = JsonSerializer.Serialize(step) } } },
            usage = new { prompt_tokens = 10, completion_tokens = 2, total_tokens = 12 },
        });
    }

    [GeneratedRegex("""<message_received>\nmessage: "?([^"\n]+)""")]
    private static partial Regex Script();

    [GeneratedRegex("^<(look|put|post|write|push|pay)>$", RegexOptions.Multiline)]
    private static partial Regex Steps();
}
