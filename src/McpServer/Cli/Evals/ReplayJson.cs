using System.Text.Json;
using AgentMcp.Agents.Evals;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Cli.Evals;

/// <summary>The same for a program: every case, with the first difference and every sample.</summary>
internal static class ReplayJson
{
    public static JsonText Of(IReadOnlyList<(string Path, Replayed Replayed, bool Good)> all) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("failed_cases", all.Count(one => !one.Good));
        writer.WriteNumber("passed", all.Sum(one => one.Replayed.Passed));
        writer.WriteNumber("failed", all.Sum(one => one.Replayed.Failed));
        writer.WriteStartArray("cases");
        foreach (var (path, replayed, good) in all)
        {
            writer.WriteStartObject();
            writer.WriteString("case", path);
            writer.WriteBoolean("ok", good);
            Write(writer, replayed);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });

    private static void Write(Utf8JsonWriter writer, Replayed replayed)
    {
        if (replayed.Difference is { } difference)
        {
            writer.WriteStartObject("difference");
            writer.WriteNumber("version", difference.Version);
            Write(writer, "then", difference.Then);
            Write(writer, "now", difference.Now);
            writer.WriteString("note", difference.Note);
            writer.WriteEndObject();
        }

        if (replayed.Prompt is { } prompt)
        {
            writer.WriteStartObject("prompt");
            writer.WriteNumber("version", prompt.Version);
            Write(writer, "lines", prompt.Lines);
            writer.WriteEndObject();
        }

        writer.WriteStartArray("steps");
        foreach (var step in replayed.Steps)
        {
            writer.WriteStartObject();
            writer.WriteNumber("version", step.Version);
            writer.WriteString("recorded", step.Recorded);
            writer.WriteStartArray("samples");
            foreach (var sample in step.Samples)
            {
                writer.WriteStartObject();
                writer.WriteString("said", sample.Said);
                writer.WriteBoolean("same", sample.IsSame);
                writer.WriteNumber("passed", sample.Passed);
                Write(writer, "failures", sample.Failures);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    private static void Write(Utf8JsonWriter writer, string name, ThreadEvent? happened)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(happened is null ? "null" : ThreadJson.Write(happened));
    }

    private static void Write(Utf8JsonWriter writer, string name, IEnumerable<string> lines)
    {
        writer.WriteStartArray(name);
        foreach (var line in lines)
        {
            writer.WriteStringValue(line);
        }

        writer.WriteEndArray();
    }
}
