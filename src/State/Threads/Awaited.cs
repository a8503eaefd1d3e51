using System.Text.Json;
using AgentMcp.State.Json;
namespace AgentMcp.State.Threads;

/// <summary>What is awaited and how it is answered, in words a caller can act on.</summary>
public static class Awaited
{
    /// <summary>Several requests are open, so an answer has to say which of them it is for.</summary>
    public static RefusedException Ambiguous(IReadOnlyList<(ThreadId Thread, OpenRequest Request)> open) => new(RefusalCode.RequestAmbiguous,
        $"{open.Count} requests are open; call resume_thread again with the request_id of the one that is answered: "
            + string.Join("; ", open.Select(one => $"{one.Request.Id.In(one.Thread)} ({WireName.Of(one.Request.Asked.Kind)}): \"{one.Request.Asked.Question}\"")));

    internal static string By(AgentThread thread, IReadOnlyList<OpenRequest> requests) => string.Join(" ", requests.Select(open => By(thread, open)));

    internal static string By(AgentThread thread, OpenRequest open)
    {
        var how = open.Asked.Kind switch
        {
            RequestKind.Approval when open.Asked.Changes is not null => "with approved true or false, or approved_with_changes holding other arguments, and an optional comment",
            RequestKind.Approval => "with approved true or false, and an optional comment",
            RequestKind.Budget => "with approved true or false, or a response with guidance",
            RequestKind.Child => "by answering the child's own request, listed under requests with its path",
            RequestKind.InDoubt => "with response {\"outcome\": \"done\" | \"run_again\" | \"skip\", \"result\": ...}",
            RequestKind.NextStep => "with response holding the next step",
            _ => "with a response",
        };
        return $"What is awaited is {open.Id.In(thread.Id)} ({WireName.Of(open.Asked.Kind)}): \"{open.Asked.Question}\" Answer it {how}.";
    }

    /// <summary>What was given in its place. Steps and approvals are easily mistaken for each other by whoever does both.</summary>
    public static string Mistake(RequestKind asked, Answer answer) => asked switch
    {
        RequestKind.NextStep when answer.Approved is not null => "Nothing waits for approval here, and nothing was approved: this asks for the next step.",
        RequestKind.Approval when IsStep(answer.Response) => "That is a step, and none is asked for now: this waits for a person's yes or no to the action that is shown.",
        _ => "That is not an answer to this request.",
    };

    private static bool IsStep(JsonText? response) =>
        response is { } given && (given.AsString() is { } text && JsonText.TryParse(text, out var inner) ? inner : given).Element() is { ValueKind: JsonValueKind.Object } step
            && step.TryGetProperty("intent", out _);
}
