using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.State.Threads;

namespace AgentMcp.Faults.Sweep;

/// <summary>One answer, as it is sent.</summary>
/// <param name="Approves">The arguments a yes is for; null for anything else.</param>
internal sealed record Answer(Said Said, object? Response = null, string? Approves = null, bool Changes = false)
{
    public object Arguments(string thread_id, string request_id) => this switch
    {
        { Changes: true, Approves: { } changed } => new { thread_id, request_id, approved_with_changes = JsonNode.Parse(changed), wait_seconds = 1 },
        { Said.Approved: { } approved } => new { thread_id, request_id, approved, wait_seconds = 1 },
        _ => new { thread_id, request_id, response = Response ?? Said.Words, wait_seconds = 1 },
    };
}

/// <summary>Answers as a person would; about a call in doubt only after having looked outside.</summary>
internal sealed class Person(KillSweep sweep)
{
    /// <returns>An answer, and one that contradicts it where two people might.</returns>
    public async Task<(Answer Answer, Answer? Other)> Decide(JsonElement request, Random random, Scenario scenario)
    {
        var kind = request.GetProperty("kind").GetString();
        if (kind == "in_doubt")
        {
            return (await LookedUp(request, random, scenario), null);
        }

        if (kind == "question")
        {
            return (new(new(null, $"words {random.Next(1000)}")), new(new(null, $"others {random.Next(1000)}")));
        }

        if (kind != "approval")
        {
            throw new InvalidDataException($"Nobody expected to be asked this: {request}");
        }

        var action = request.GetProperty("action");
        var shown = action.GetProperty("arguments").GetRawText();
        var yes = action.TryGetProperty("changes_schema", out _) && action.GetProperty("arguments").TryGetProperty("message", out var message) && random.Next(4) == 0
            ? new Answer(new(true, null), Approves: $$"""{"message":"{{message.GetString()}} changed"}""", Changes: true)
            : new Answer(new(true, null), Approves: shown);
        var no = new Answer(new(false, null));
        return random.Next(5) == 0 ? (no, yes) : (yes, no);
    }

    private async Task<Answer> LookedUp(JsonElement request, Random random, Scenario scenario)
    {
        var (thread, asked) = Requests.Parse(request.GetProperty("id").GetString());
        var log = sweep.Archive.Log(thread.Value);
        if (sweep.Depot.Of((RequestOpened)log[asked.Version - 1]) is { } there)
        {
            (thread, log, asked) = (there.Thread, there.Log, new(there.Version));
        }

        var call = ((RequestOpened)log[asked.Version - 1]).Call
            ?? new CallId(Enumerable.Range(1, asked.Version).Last(version => log[version - 1] is StepChosen));
        var chosen = (StepChosen)log[call.Version - 1];
        var attempts = log.OfType<ToolStarted>().Count(started => started.Call == call);
        object? happened = chosen.Intent == "tag_push_prod"
            ? await Deployed(request)
            : await sweep.World.Settled(chosen.Intent, call.IdempotencyKey(thread), attempts) > 0 ? "it did" : null;
        sweep.Note($"{thread} {call} {chosen.Intent}, attempt {attempts}: {(happened is null ? "it did not happen" : "it happened")}");
        // A workflow whose step is left ends with that; an agent goes on.
        var skips = happened is null && scenario.Agent is ("worker" or "thinker" or "chief") && random.Next(4) == 0;
        return new(new(null, null), happened is not null ? new { outcome = "done", result = happened } : new { outcome = skips ? "skip" : "run_again" });
    }

    private async Task<object?> Deployed(JsonElement request)
    {
        await sweep.Orphans();
        var sha = request.GetProperty("action").GetProperty("arguments").GetProperty("sha_to_deploy").GetString()!;
        return sweep.World.Repository.Tags(sha) is [var tag, ..] ? new { sha, tag, pushed_to = "origin" } : null;
    }
}
