using System.Text.Json;
using AgentMcp.Agents;
using AgentMcp.Agents.Prompting;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using static AgentMcp.State.Threads.ThreadState;

namespace AgentMcp.Server.Tools;

/// <summary>The one shape in which a thread is shown to clients, and the sentence above it. Pure.</summary>
internal static class ThreadResult
{
    /// <summary>An output longer than this, in characters, is left to the thread's output resource.</summary>
    public const int LongestOutput = 64 * 1024;

    public static JsonText Schema { get; } = JsonText.Parse("""
        {"type":"object","properties":{
          "status":{"type":"string","enum":["running","pending","completed","failed","cancelled"]},
          "thread_id":{"type":"string"},
          "agent":{"type":"string"},
          "model":{"type":["string","null"],"description":"What chose the latest step."},
          "version":{"type":"integer","description":"The number of events so far; it grows with every change."},
          "output":{"description":"The result, once completed."},
          "error":{"type":["string","null"],"description":"The reason, once failed."},
          "requests":{"type":"array","description":"What the thread waits for.","items":{"type":"object","properties":{
            "id":{"type":"string"},
            "kind":{"type":"string","enum":["question","approval","external_result","child","budget","next_step","in_doubt","sleep"]},
            "question":{"type":"string"},
            "context":{"type":["string","null"]},
            "schema":{"type":["object","null"],"description":"JSON Schema of the response."},
            "options":{"type":["array","null"],"items":{"type":"object","properties":{
              "name":{"type":"string"},"title":{"type":["string","null"]},"description":{"type":["string","null"]}},"required":["name"]}},
            "action":{"type":["object","null"],"properties":{"tool":{"type":"string"},"arguments":{"type":"object"},"digest":{"type":"string"},
              "changes_schema":{"type":"object","description":"Other arguments may be approved if they match this JSON Schema."}},
              "required":["tool","arguments","digest"]},
            "answerable_by":{"type":"string","enum":["caller","human"]},
            "responders":{"type":"array","items":{"type":"string"},"description":"The only ones who may answer."},
            "path":{"type":"array","items":{"type":"string"}},
            "inbox_url":{"type":["string","null"]},
            "requested_at":{"type":"string"},
            "expires_at":{"type":["string","null"]}},
            "required":["id","kind","question","answerable_by","path","requested_at"]}},
          "next":{"type":"string","description":"What to do now."},
          "events":{"type":"array","items":{"type":"object"}}},
         "required":["status","thread_id","agent","version","requests","next"]}
        """);

    /// <summary>A thread with what it waits for in the threads it called.</summary>
    public static JsonText Of(Core core, ThreadLog log, bool withEvents = false, string? inbox = null) => Json(
        new(core.Host.Chain(log)), core.Host.AgentOf, core.Settings.Approvals, withEvents, inbox);

    /// <param name="inbox">Where people find their pages, when this process serves them.</param>
    public static JsonText Json(WaitingFor waiting, Func<AgentThread, Microagent> agentOf, AnswerableBy server, bool withEvents = false, string? inbox = null)
    {
        var (log, thread) = (waiting.Chain[0], waiting.Thread);
        return JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("status", WireName.Of(thread.Status));
            writer.WriteString("thread_id", thread.Id.Value);
            writer.WriteString("agent", thread.Start.Agent);
            writer.WriteString("model", thread.Model);
            writer.WriteNumber("version", thread.Version);
            writer.WritePropertyName("output");
            writer.WriteRawValue(Output(thread).Text, skipInputValidation: true);
            writer.WriteString("error", (thread.State as Failed)?.Error);
            writer.WriteStartArray("requests");
            // The innermost first: it is the one to answer.
            foreach (var asking in waiting.All)
            {
                Write(writer, asking.Open, asking.Log, agentOf, server, inbox);
            }

            writer.WriteEndArray();
            writer.WriteString("next", NextMove.Of(waiting, server, inbox));
            if (withEvents)
            {
                writer.WriteStartArray("events");
                foreach (var happened in log.Events)
                {
                    writer.WriteRawValue(ThreadJson.Write(happened), skipInputValidation: true);
                }

                writer.WriteEndArray();
            }

            writer.WriteEndObject();
        });
    }

    public static bool IsLong(AgentThread thread) => thread.State is Completed done && done.Output.Text.Length > LongestOutput;

    private static JsonText Output(AgentThread thread) => thread.State switch
    {
        Completed done when !IsLong(thread) => done.Output,
        Completed done => JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("resource", $"thread://{thread.Id}/output");
            writer.WriteNumber("characters", done.Output.Text.Length);
            writer.WriteEndObject();
        }),
        _ => JsonText.Null,
    };

    private static void Write(Utf8JsonWriter writer, OpenRequest open, ThreadLog log, Func<AgentThread, Microagent> agentOf, AnswerableBy server, string? inbox)
    {
        var asked = open.Asked;
        writer.WriteStartObject();
        writer.WriteString("id", open.Id.In(log.Thread.Id));
        writer.WriteString("kind", WireName.Of(asked.Kind));
        writer.WriteString("question", asked.Question);
        writer.WriteString("context", asked.Kind == RequestKind.NextStep ? CallerPrompt.Of(agentOf(log.Thread), log.Events) : asked.Context);
        writer.WritePropertyName("schema");
        writer.WriteRawValue((asked.Schema ?? JsonText.Null).Text, skipInputValidation: true);
        writer.WritePropertyName("options");
        WriteOptions(writer, asked.Options);
        writer.WritePropertyName("action");
        if (asked.Action is { } action)
        {
            writer.WriteStartObject();
            writer.WriteString("tool", action.Tool);
            writer.WritePropertyName("arguments");
            writer.WriteRawValue(action.Arguments.Text, skipInputValidation: true);
            writer.WriteString("digest", action.Digest);
            if (asked.Changes is { } changes)
            {
                writer.WritePropertyName("changes_schema");
                writer.WriteRawValue(changes.Text, skipInputValidation: true);
            }

            writer.WriteEndObject();
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.WriteString("answerable_by", WireName.Of(AnswerRules.WhoFor(asked, server)));
        if (asked.Responders is { } responders)
        {
            writer.WriteStartArray("responders");
            foreach (var responder in responders)
            {
                writer.WriteStringValue(responder);
            }

            writer.WriteEndArray();
        }

        writer.WriteStartArray("path");
        foreach (var thread in log.Thread.Path.Select(thread => thread.Value).Concat(asked.Relay?.Path?.Split(' ') ?? []))
        {
            writer.WriteStringValue(thread);
        }

        writer.WriteEndArray();
        writer.WriteString("inbox_url", asked.Relay is { OnlyThere: true } relay ? relay.Url : NextMove.PageOf(open.Id.In(log.Thread.Id), inbox));
        writer.WriteString("requested_at", asked.At);
        writer.WritePropertyName("expires_at");
        if (asked.DueAt is { } due)
        {
            writer.WriteStringValue(due);
        }
        else
        {
            writer.WriteNullValue();
        }

        writer.WriteEndObject();
    }

    private static void WriteOptions(Utf8JsonWriter writer, IReadOnlyList<ResponseOption>? options)
    {
        if (options is null)
        {
            writer.WriteNullValue();
            return;
        }

        writer.WriteStartArray();
        foreach (var option in options)
        {
            writer.WriteStartObject();
            writer.WriteString("name", option.Name);
            writer.WriteString("title", option.Title);
            writer.WriteString("description", option.Description);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }
}
