using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Tools;

/// <summary>A thread's whole log as one JSON document: what its resource holds, and what a person may keep.</summary>
internal static class LogJson
{
    public static JsonText Of(ThreadLog log) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteString("thread_id", log.Thread.Id.Value);
        writer.WriteString("status", WireName.Of(log.Thread.Status));
        writer.WriteStartArray("events");
        foreach (var happened in log.Events)
        {
            writer.WriteRawValue(ThreadJson.Write(happened), skipInputValidation: true);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    });
}
