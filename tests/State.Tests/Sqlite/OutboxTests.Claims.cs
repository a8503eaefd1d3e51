using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using Dapper;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

// Who sends a message, and what becomes of it when that fails.
public sealed partial class OutboxTests
{
    [Fact]
    public async Task A_message_is_claimed_by_one_of_two_processes_and_by_the_other_once_the_claim_has_ended()
    {
        var log = await Ask(new Reach(["ops"]));
        var other = new Outbox(_files.Open(), _files.Store());
        var first = await _outbox.Claim("ops", Nine);
        Assert.Equal((log.Thread.Id, 3, "ops", DeliveryKind.Request, 1, null), (first!.Thread, first.Request.Version, first.Channel, first.Kind, first.Attempt, first.LastError));
        Assert.Null(await other.Claim("ops", Nine + Claim - TimeSpan.FromMilliseconds(1)));
        Assert.Equal(2, (await other.Claim("ops", Nine + Claim))!.Attempt);
    }

    [Fact]
    public async Task Of_many_that_claim_at_once_each_message_goes_to_exactly_one()
    {
        for (var i = 0; i < 12; i++)
        {
            await Ask(new Reach(["ops"]));
        }

        List<Outbox> processes = [_outbox, new(_files.Open(), _files.Store()), new(_files.Open(), _files.Store())];
        var claimed = await Task.WhenAll(processes.Select(process => Task.Run(async () =>
        {
            var mine = new List<ThreadId>();
            while (await process.Claim("ops", Nine) is { } delivery)
            {
                mine.Add(delivery.Thread);
            }

            return mine;
        }, TestContext.Current.CancellationToken)));
        Assert.Equal((12, 12), (claimed.Sum(mine => mine.Count), claimed.SelectMany(mine => mine).Distinct().Count()));
    }

    [Fact]
    public async Task A_sender_that_died_between_sending_and_saying_so_has_it_sent_once_more()
    {
        await Ask(new Reach(["ops"]));
        await _outbox.Claim("ops", Nine);
        // The process is gone here. Another finds the same message due when the claim ends, and nothing is due after that.
        var other = new Outbox(_files.Open(), _files.Store());
        Assert.Equal(Nine + Claim, other.NextDue("ops"));
        var again = await other.Claim("ops", Nine + Claim);
        await other.Delivered(again!, JsonText.Parse("""{"ts":"2"}"""), Nine + Claim);
        Assert.Null(other.NextDue("ops"));
        Assert.Equal(["3 ops request delivered {\"ts\":\"2\"}"], Rows());
    }

    [Fact]
    public async Task A_claim_that_was_taken_over_can_still_say_that_it_sent_but_not_that_it_failed()
    {
        await Ask(new Reach(["ops"]));
        var slow = await _outbox.Claim("ops", Nine);
        var quick = await _outbox.Claim("ops", Nine + Claim);
        await _outbox.Failed(slow!, "too late to tell", Ten);
        Assert.Equal(Nine + Claim + Claim, _outbox.NextDue("ops"));
        await _outbox.Delivered(slow!, null, Ten);
        await _outbox.Failed(quick!, "it was there already", Ten);
        Assert.Equal(["3 ops request delivered"], Rows());
    }

    [Fact]
    [Trait("Accepts", "F7.5")]
    public async Task What_fails_is_due_again_when_told_and_given_up_when_told()
    {
        await Ask(new Reach(["ops"]));
        await _outbox.Failed((await _outbox.Claim("ops", Nine))!, "the server answered 503", Nine.AddMinutes(5));
        Assert.Null(await _outbox.Claim("ops", Nine.AddMinutes(4)));
        var second = await _outbox.Claim("ops", Nine.AddMinutes(5));
        Assert.Equal((2, "the server answered 503"), (second!.Attempt, second.LastError));
        await _outbox.Failed(second, "the server answered 500", null);
        Assert.Equal(["3 ops request abandoned the server answered 500"], Rows());
        Assert.Null(_outbox.NextDue("ops"));
    }

    [Fact]
    public async Task A_claim_given_back_is_due_at_once()
    {
        await Ask(new Reach(["ops"]));
        await _outbox.Release((await _outbox.Claim("ops", Nine))!, Nine);
        Assert.NotNull(await new Outbox(_files.Open(), _files.Store()).Claim("ops", Nine));
    }
}
