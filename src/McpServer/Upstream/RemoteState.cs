using System.Text.Json.Nodes;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Upstream;

/// <summary>Where a call of a remote agent stands, as it is kept in our log between its runs.</summary>
/// <param name="Thread">The thread there; null before its id has reached us.</param>
/// <param name="Request">What it asks and we pass on; null while it works.</param>
/// <param name="Answer">What was said and has not reached it yet.</param>
/// <param name="IsUntouched">The server let nothing in so far, so there is no thread.</param>
internal sealed record RemoteState(string? Thread = null, string? Request = null, RequestAnswered? Answer = null, bool IsUntouched = false)
{
    public JsonText Json
    {
        get
        {
            var json = new JsonObject { ["thread"] = Thread, ["request"] = Request };
            if (Answer is not null)
            {
                json["answer"] = JsonNode.Parse(ThreadJson.Write(Answer));
            }

            if (IsUntouched)
            {
                json["untouched"] = true;
            }

            return JsonText.Parse(json.ToJsonString());
        }
    }

    /// <summary>What was said, as <c>resume_thread</c> takes it.</summary>
    public JsonObject Resumed(RequestAnswered answer)
    {
        var arguments = new JsonObject { ["thread_id"] = Thread, ["request_id"] = Request, ["wait_seconds"] = 0 };
        if (answer.Arguments is { } changed)
        {
            arguments["approved_with_changes"] = JsonNode.Parse(changed.Text);
        }
        else if (answer.Approved is { } approved)
        {
            arguments["approved"] = approved;
        }

        if (answer.Response is { } response)
        {
            arguments["response"] = JsonNode.Parse(response.Text);
        }

        if (answer.Comment is { } comment)
        {
            arguments["comment"] = comment;
        }

        return arguments;
    }

    public static RemoteState Of(Relayed? relayed)
    {
        if (relayed is null)
        {
            return new();
        }

        var json = (JsonObject)JsonNode.Parse(relayed.Continuation.Text)!;
        var kept = json["answer"] is { } undelivered ? (RequestAnswered)ThreadJson.Read(undelivered.ToJsonString()) : null;
        return new(json["thread"]?.ToString(), json["request"]?.ToString(), relayed.Answer ?? kept, json["untouched"]?.GetValue<bool>() == true);
    }
}
