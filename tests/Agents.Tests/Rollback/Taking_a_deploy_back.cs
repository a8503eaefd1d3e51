using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tests.Bench;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Rollback;

/// <summary>The whole of it on a real repository: the loop, a database, the rules, real pushes and real switches.</summary>
public sealed class Taking_a_deploy_back : IDisposable
{
    private readonly RolledBack _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    [Trait("Accepts", "D.4")]
    [Trait("Accepts", "F6.4")]
    public async Task Frontend_then_backend_each_after_its_approval()
    {
        await using var bench = new AgentBench(_world.Agent, new RulesModel());
        var untouched = _world.Repo.RemoteRefs;

        var log = await bench.Start(_world.Input());
        Assert.Equal($"""
            approval: Roll frontend production back to deployment dpl_0 ({_world.Good[..7]}) (now dpl_1, {_world.Bad[..7]})?
            **Frontend production**

            - from: `dpl_1` from `{_world.Bad[..7]}` Break login (Mia, 2026-01-31 11:01 UTC, ready) [deployment](https://web.example/dpl_1)
            - to: `dpl_0` from `{_world.Good[..7]}` Add search (Mia, 2026-01-31 11:00 UTC, ready) [deployment](https://web.example/dpl_0)

            This deployment is older than what is live, as a rollback means it to be.

            """, Told.Asked(log));
        Assert.Equal((untouched, "dpl_1"), (_world.Repo.RemoteRefs, _world.Repo.Served));
        log = await bench.Answer(log, approved: true);
        Assert.Equal("dpl_0", _world.Repo.Served);
        Assert.Equal($"Roll backend production back to {_world.Good[..7]} (now {_world.Bad[..7]})?", log.Thread.OpenRequests.Single().Asked.Question);
        log = await bench.Answer(log, approved: true);

        Told.Is(log,
            $"started: {_world.Input()}",
            """chosen: promote_previous_deployment {"deployment_id":"dpl_0"}""",
            $"approval: Roll frontend production back to deployment dpl_0 ({_world.Good[..7]}) (now dpl_1, {_world.Bad[..7]})?",
            "answered: yes",
            "tool started: call_2, attempt 1",
            $$"""tool returned: call_2 {"deployment_id":"dpl_0","git_commit_sha":"{{_world.Good}}","url":"https://web.example/dpl_0"}""",
            $$"""chosen: deploy_previous_tag {"commit":"{{_world.Good}}"}""",
            $"approval: Roll backend production back to {_world.Good[..7]} (now {_world.Bad[..7]})?",
            "answered: yes",
            "tool started: call_7, attempt 1",
            $$"""tool returned: call_7 {"sha":"{{_world.Good}}","tag":"prod-20260301-090000-{{_world.Good[..7]}}","pushed_to":"origin"}""",
            "chosen: done_for_now " + End,
            "completed: " + End);
        Assert.Equal($"{untouched}\nrefs/tags/prod-20260301-090000-{_world.Good[..7]} {_world.Good}", _world.Repo.RemoteRefs);
    }

    private string End =>
        $$"""{"message":"Frontend: promoted dpl_0 (built from {{_world.Good[..7]}}). https://web.example/dpl_0\nBackend: deployed {{_world.Good[..7]}} with tag prod-20260301-090000-{{_world.Good[..7]}}.\nThese tests had failed: GET /login (expected 200, got 500)."}""";

    [Fact]
    [Trait("Accepts", "D.4")]
    public async Task Only_what_the_deploy_changed_is_taken_back()
    {
        await using var bench = new AgentBench(_world.Agent, new RulesModel());

        var log = await bench.Start(_world.Input(facts => facts with { Deployed = facts.Deployed with { Frontend = null }, Before = facts.Before with { Frontend = null } }));
        log = await bench.Answer(log, approved: true);

        Assert.Equal(ThreadStatus.Completed, log.Thread.Status);
        Assert.Equal("dpl_1", _world.Repo.Served);
        Assert.Single(log.Events.OfType<RequestAnswered>());
    }

    [Fact]
    [Trait("Accepts", "F8.3")]
    public async Task A_comment_turns_the_order_round_and_a_plain_no_ends_it()
    {
        await using var bench = new AgentBench(_world.Agent, new RulesModel());

        var log = await bench.Start(_world.Input());
        log = await bench.Answer(log, approved: false, comment: "the backend first");
        Assert.Equal($"Roll backend production back to {_world.Good[..7]} (now {_world.Bad[..7]})?", log.Thread.OpenRequests.Single().Asked.Question);
        log = await bench.Answer(log, approved: false);

        Told.Ends(log, """completed: {"message":"Nothing was taken back: taking the backend back was rejected (no comment given). These tests had failed: GET /login (expected 200, got 500)."}""");
        Assert.Equal("dpl_1", _world.Repo.Served);
    }

    [Fact]
    [Trait("Accepts", "D.4")]
    public async Task A_failure_goes_to_a_person_who_has_it_tried_again()
    {
        await using var bench = new AgentBench(_world.Agent, new RulesModel());
        _world.Repo.RefusePushes("echo closed for today >&2; exit 1");

        var log = await bench.Start(_world.Input());
        log = await bench.Answer(log, approved: true);
        log = await bench.Answer(log, approved: true);
        Assert.Equal($"""
            question: Frontend: promoted dpl_0 (built from {_world.Good[..7]}). https://web.example/dpl_0
            deploy_previous_tag failed: git push failed in {_world.Repo.Clone}: [remote rejected] (pre-receive hook declined) remote: closed for today. Say "try again" when it is mended, or "stop" to leave production as it is.
            """, Told.Asked(log).TrimEnd());
        _world.Repo.RefusePushes("exit 0");
        log = await bench.Answer(log, response: "try again");
        log = await bench.Answer(log, approved: true);

        Told.Ends(log, "completed: " + End);
    }

    [Fact]
    public async Task A_part_that_had_nothing_before_goes_to_a_person_who_leaves_it()
    {
        await using var bench = new AgentBench(_world.Agent, new RulesModel());

        var log = await bench.Start(_world.Input(facts => facts with { Before = facts.Before with { Frontend = null } }));
        Assert.Equal($"The frontend had nothing in production before {_world.Bad[..7]}, so it cannot be taken back. Say \"try again\" when it is mended, or \"stop\" to leave production as it is.",
            log.Thread.OpenRequests.Single().Asked.Question);
        log = await bench.Answer(log, response: "leave it");

        Told.Ends(log, """completed: {"message":"Nothing was taken back: a person said \"leave it\". These tests had failed: GET /login (expected 200, got 500)."}""");
    }

    [Fact]
    [Trait("Accepts", "R.1")]
    public async Task A_deploy_by_somebody_else_while_the_question_is_open_asks_again()
    {
        await using var bench = new AgentBench(_world.Agent, new RulesModel());
        var log = await bench.Start(_world.Input(facts => facts with { Deployed = facts.Deployed with { Frontend = null } }));

        _world.Repo.DeployedElsewhere("prod-20260131-130000-newest", _world.Repo.Commit("Newer still"));
        var before = _world.Repo.RemoteRefs;
        log = await bench.Answer(log, approved: true);

        Assert.StartsWith("Things changed since this was approved.", log.Thread.OpenRequests.Single().Asked.Question, StringComparison.Ordinal);
        Assert.Equal(before, _world.Repo.RemoteRefs);
    }
}
