using System.Text.Json;
using AgentMcp.State.Json;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Running;

/// <summary>
/// What a thread tool answered. Making one checks what must hold for every answer: the published schema, the text
/// that says the same, and which fields may be there in which status.
/// </summary>
public sealed class Reply
{
    private static readonly JsonText Schema = JsonText.Parse(ToolsFile.Tool("get_thread").GetProperty("outputSchema").GetRawText());

    private Reply(CallToolResult result, JsonElement json, string sentence) => (Result, Json, Sentence) = (result, json, sentence);

    public CallToolResult Result { get; }

    public JsonElement Json { get; }

    /// <summary>The plain sentence above the JSON.</summary>
    public string Sentence { get; }

    public string Status => Json.GetProperty("status").GetString()!;

    public string ThreadId => Json.GetProperty("thread_id").GetString()!;

    public int Version => Json.GetProperty("version").GetInt32();

    public string Next => Json.GetProperty("next").GetString()!;

    public string? Error => Json.GetProperty("error").GetString();

    public string? Message => Json.GetProperty("output").GetProperty("message").GetString();

    /// <summary>The one open request.</summary>
    public JsonElement Request => Json.GetProperty("requests").EnumerateArray().Single();

    public string RequestId => Request.GetProperty("id").GetString()!;

    public string Kind => Request.GetProperty("kind").GetString()!;

    public IEnumerable<string> EventTypes => Json.GetProperty("events").EnumerateArray().Select(happened => happened.GetProperty("type").GetString()!);

    public static Reply Of(CallToolResult result)
    {
        var text = Assert.IsType<TextContentBlock>(result.Content[0]).Text;
        Assert.True(result.StructuredContent is not null, text);
        var json = result.StructuredContent.Value;
        Assert.Null(JsonSchemas.Violation(Schema, JsonText.From(json)));
        var cut = text.LastIndexOf('\n');
        Assert.True(JsonElement.DeepEquals(json, JsonElement.Parse(text[(cut + 1)..])));
        var status = json.GetProperty("status").GetString();
        Assert.Equal(status == "failed", result.IsError == true);
        Assert.Equal(status == "failed", json.GetProperty("error").ValueKind != JsonValueKind.Null);
        Assert.Equal(status == "completed", json.GetProperty("output").ValueKind != JsonValueKind.Null);
        // While a workflow works in one branch, another may ask already.
        Assert.Equal(status == "pending", json.GetProperty("requests").GetArrayLength() > 0 && status != "running");
        Assert.NotEmpty(text[..cut]);
        Assert.NotEmpty(json.GetProperty("next").GetString()!);
        return new(result, json, text[..cut]);
    }
}
