using System.Text.Json;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Context;

/// <summary>
/// The part of a stored definition that is about context. Written only where something is set, so that a definition
/// from before there was such a thing keeps its hash.
/// </summary>
internal static class ContextDefinition
{
    private static readonly ContextPolicy Nothing = new();

    public static void Write(Utf8JsonWriter writer, ContextPolicy context)
    {
        if (context.Prefetch.Count > 0)
        {
            writer.WriteStartArray("prefetch");
            foreach (var wanted in context.Prefetch)
            {
                writer.WriteStartObject();
                writer.WritePropertyName(wanted.Intent);
                writer.WriteRawValue(wanted.Arguments.Text);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
        }

        if (context.RefetchAfter != Nothing.RefetchAfter)
        {
            writer.WriteNumber("refetch_after", context.RefetchAfter.TotalSeconds);
        }

        WriteOptions(writer, context);
        if (context.Judge is { } judge)
        {
            writer.WriteStartObject("judge");
            writer.WriteString("prompt", judge.Prompt);
            writer.WriteString("model", judge.Model);
            writer.WriteNumber("timeout", judge.Timeout.TotalSeconds);
            WriteNames(writer, "applies_to", judge.AppliesTo);
            writer.WriteEndObject();
        }
    }

    public static ContextPolicy Read(JsonElement was, ContextPolicy today) => today with
    {
        Prefetch = was.TryGetProperty("prefetch", out var prefetch)
            ? [.. prefetch.EnumerateArray().SelectMany(wanted => wanted.EnumerateObject()).Select(wanted => new Prefetch(wanted.Name, JsonText.From(wanted.Value)))]
            : [],
        RefetchAfter = was.TryGetProperty("refetch_after", out var age) ? TimeSpan.FromSeconds(age.GetDouble()) : Nothing.RefetchAfter,
        SummariseOver = Number(was, "summarise_over"),
        Budget = Number(was, "budget"),
        KeepLast = Number(was, "keep_last") ?? Nothing.KeepLast,
        Summariser = was.TryGetProperty("summariser", out var summariser) ? summariser.GetString() : null,
        Squash = Members(was, "squash").ToDictionary(tool => tool.Name, tool => (IReadOnlyList<string>?)(tool.Value.ValueKind == JsonValueKind.Null ? null : Names(was.GetProperty("squash"), tool.Name))),
        Cache = Members(was, "cache").ToDictionary(tool => tool.Name, tool => TimeSpan.FromSeconds(tool.Value.GetDouble())),
        Judge = was.TryGetProperty("judge", out var judge)
            ? new(judge.GetProperty("prompt").GetString()!, judge.GetProperty("model").GetString(), Names(judge, "applies_to"))
            {
                Timeout = TimeSpan.FromSeconds(judge.GetProperty("timeout").GetDouble()),
                // A judge in code is the running program's, like the code of the tools.
                Code = today.Judge?.Code,
            }
            : null,
    };

    private static void WriteOptions(Utf8JsonWriter writer, ContextPolicy context)
    {
        (string Name, int? Value)[] numbers =
            [("summarise_over", context.SummariseOver), ("budget", context.Budget), ("keep_last", context.KeepLast == Nothing.KeepLast ? null : context.KeepLast)];
        foreach (var (name, value) in numbers.Where(number => number.Value is not null))
        {
            writer.WriteNumber(name, value!.Value);
        }

        if (context.Summariser is { } summariser)
        {
            writer.WriteString("summariser", summariser);
        }

        WriteMap(writer, "squash", context.Squash, (tool, keep) =>
        {
            if (keep is null)
            {
                writer.WriteNull(tool);
            }

            WriteNames(writer, tool, keep);
        });
        WriteMap(writer, "cache", context.Cache, (tool, lifetime) => writer.WriteNumber(tool, lifetime.TotalSeconds));
    }

    private static void WriteMap<T>(Utf8JsonWriter writer, string name, IReadOnlyDictionary<string, T> map, Action<string, T> write)
    {
        if (map.Count > 0)
        {
            writer.WriteStartObject(name);
            foreach (var (tool, value) in map)
            {
                write(tool, value);
            }

            writer.WriteEndObject();
        }
    }

    private static int? Number(JsonElement was, string name) => was.TryGetProperty(name, out var number) ? number.GetInt32() : null;

    private static JsonElement.ObjectEnumerator Members(JsonElement was, string name) =>
        was.TryGetProperty(name, out var members) ? members.EnumerateObject() : default;

    private static void WriteNames(Utf8JsonWriter writer, string name, IReadOnlyList<string>? names)
    {
        if (names is not null)
        {
            writer.WriteStartArray(name);
            names.ToList().ForEach(writer.WriteStringValue);
            writer.WriteEndArray();
        }
    }

    private static string[]? Names(JsonElement was, string name) =>
        was.TryGetProperty(name, out var names) ? [.. names.EnumerateArray().Select(one => one.GetString()!)] : null;
}
