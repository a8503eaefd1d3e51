using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Microagents.Pipeline;

/// <summary>One test of a web service: ask for a path, look at the answer.</summary>
/// <param name="Path">Begins with a slash.</param>
/// <param name="Contains">Text that must be in the body. <c>{backend}</c> and <c>{frontend}</c> stand for the commits that should be served.</param>
internal sealed record Check(string Path, int Status = 200, string? Contains = null)
{
    private const int Most = 100;

    [JsonIgnore]
    public string Name => $"GET {Path}";

    /// <exception cref="ToolException">It is no list of checks; the message says what is wrong and what one looks like.</exception>
    public static IReadOnlyList<Check> Read(string file, string text)
    {
        try
        {
            var checks = JsonSerializer.Deserialize(text, CheckJson.Default.IReadOnlyListCheck) ?? [];
            return checks switch
            {
                [] => throw Wrong(file, "it lists no check"),
                { Count: > Most } => throw Wrong(file, $"it lists {checks.Count} checks, and at most {Most} are run"),
                // Two slashes would lead to another host.
                _ when checks.FirstOrDefault(check => check?.Path is not ['/', ..] || check.Path is ['/', '/', ..]) is { } stray => throw Wrong(file, $"the path '{stray.Path}' must begin with one slash"),
                _ when checks.FirstOrDefault(check => check.Status is < 100 or > 599) is { } stray => throw Wrong(file, $"{stray.Status} is no HTTP status"),
                _ => checks,
            };
        }
        catch (JsonException e)
        {
            throw Wrong(file, $"it is not of the right form at {e.Path ?? "$"}, line {e.LineNumber + 1}");
        }
    }

    private static ToolException Wrong(string file, string why) =>
        new($"{file} cannot be used: {why.TrimEnd('.')}. It must be a list such as [{{\"path\": \"/health\"}}, {{\"path\": \"/\", \"status\": 200, \"contains\": \"some text\"}}].");
}

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectRequiredConstructorParameters = true, ReadCommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true)]
[JsonSerializable(typeof(IReadOnlyList<Check>))]
internal sealed partial class CheckJson : JsonSerializerContext;
