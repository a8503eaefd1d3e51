using System.Text.Json.Nodes;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Microagents.Rollback;

/// <summary>Rollback without a model: proposes what the facts say, one part at a time, and after any failure asks.</summary>
public static class RollbackRules
{
    private const string Choices = "Say \"try again\" when it is mended, or \"stop\" to leave production as it is.";

    public static string Next(ThreadLog log)
    {
        var course = RollbackCourse.Of(log.Events);
        return course switch
        {
            { Stopped: { } why } => Say("done_for_now", $"{Told(course)}{(course.Done.Count == 0 ? "Nothing was taken back" : "Nothing else was taken back")}: {why}. {Failing(course.Facts)}"),
            { Failure: ({ } intent, { } error) } => Say("request_more_information", $"{Told(course)}{intent} failed: {error.TrimEnd('.')}. {Choices}"),
            { Left: [var part, ..] } => Back(course, part),
            { Done: [] } => Say("done_for_now", $"Nothing was taken back: the deploy of {Readable.Short(course.Facts.Sha)} changed nothing in production. {Failing(course.Facts)}"),
            _ => Say("done_for_now", $"{Told(course)}{Failing(course.Facts)}"),
        };
    }

    private static string Back(RollbackCourse course, Part part) => (part, course.Facts.Before) switch
    {
        (Part.Frontend, { Frontend: { } build }) => new JsonObject { ["intent"] = Rollback.Promote, ["deployment_id"] = build.DeploymentId }.ToJsonString(),
        (Part.Backend, { Backend: { } commit }) => new JsonObject { ["intent"] = Rollback.PushTag, ["commit"] = commit.Sha }.ToJsonString(),
        _ => Say("request_more_information",
            $"{Told(course)}The {Conversation.Name(part)} had nothing in production before {Readable.Short(course.Facts.Sha)}, so it cannot be taken back. {Choices}"),
    };

    private static string Told(RollbackCourse course) => string.Concat(course.Done.Select(sentence => sentence + "\n"));

    private static string Failing(RollbackFacts facts) => facts.FailedTests.Count == 0 ? "" : $"These tests had failed: {string.Join("; ", facts.FailedTests.Select(test => $"{test.Test} ({test.Why})"))}.";

    private static string Say(string intent, string message) => new JsonObject { ["intent"] = intent, ["message"] = message.Trim() }.ToJsonString();
}
