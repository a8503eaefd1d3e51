using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace AgentMcp.Server.Tests.Running;

/// <summary>Messages as text to compare with a literal: ids and times, which differ every time, are named.</summary>
public static partial class Shown
{
    public static readonly JsonSerializerOptions Readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <param name="thread">Its id becomes <c>thr_1</c>, also within the ids of its requests.</param>
    public static string Of(JsonElement json, string? thread = null)
    {
        var text = JsonSerializer.Serialize(json, Readable);
        return Moment().Replace(thread is null ? text : text.Replace(thread[4..], "1", StringComparison.Ordinal), "TIME");
    }

    [GeneratedRegex(@"\d{4}-\d\d-\d\dT[\d:.]+(Z|\+00:00)")]
    private static partial Regex Moment();
}
