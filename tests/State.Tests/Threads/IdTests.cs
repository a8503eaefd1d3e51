using AgentMcp.State.Threads;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Threads;

public class IdTests
{
    [Fact]
    public void Thread_ids_order_by_the_time_they_were_made()
    {
        var ids = Enumerable.Range(0, 100).Select(i => ThreadId.New(Nine.AddMilliseconds(i)).Value).ToList();
        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
    }

    [Fact]
    public void Thread_ids_of_one_moment_differ_and_none_is_below_the_lowest()
    {
        var ids = Enumerable.Range(0, 1000).Select(_ => ThreadId.New(Nine).Value).ToHashSet();
        Assert.Equal(1000, ids.Count);
        Assert.Equal("thr_019ca8a03e80", ThreadId.LowestAt(Nine));
        Assert.All(ids, id => Assert.StartsWith("thr_019ca8a03e807", id, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("thr_019ca8b9b6007000800000000000000a", true)]
    [InlineData("THR_019ca8b9b6007000800000000000000a", false)]
    [InlineData("thr_019CA8B9B6007000800000000000000A", false)]
    [InlineData("thr_019ca8b9b6007000800000000000000", false)]
    [InlineData("thr_019ca8b9b6007000800000000000000ab", false)]
    [InlineData("thr_019ca8b9b6007000800000000000000g", false)]
    [InlineData("req_019ca8b9b6007000800000000000000a", false)]
    [InlineData("", false)]
    [InlineData(null, false)]
    public void Only_the_exact_form_is_a_thread_id(string? text, bool valid)
    {
        Assert.Equal(valid, ThreadId.TryParse(text, out var id));
        Assert.Equal(valid ? text : "never set", valid ? id.ToString() : "never set");
    }

    [Fact]
    public void A_wrong_thread_id_is_named_and_one_never_set_says_so()
    {
        Assert.Equal("'thr_1' is not a thread id.", Assert.Throws<FormatException>(() => ThreadId.Parse("thr_1")).Message);
        Assert.Equal("This thread id was never set.", Assert.Throws<InvalidOperationException>(() => default(ThreadId).Value).Message);
    }

    [Fact]
    public void A_request_id_names_its_thread_and_comes_back_whole()
    {
        var text = new RequestId(17).In(Spec.Id);
        Assert.Equal("req_019ca8b9b6007000800000000000000a_17", text);
        Assert.True(RequestId.TryParse(text, out var thread, out var request));
        Assert.Equal((Spec.Id, new RequestId(17)), (thread, request));
    }

    [Theory]
    [InlineData("req_17")]
    [InlineData("req_019ca8b9b6007000800000000000000a")]
    [InlineData("req_019ca8b9b6007000800000000000000a_")]
    [InlineData("req_019ca8b9b6007000800000000000000a_-1")]
    [InlineData("req_019ca8b9b6007000800000000000000a_ 1")]
    [InlineData("req_019ca8b9b6007000800000000000000a_99999999999")]
    [InlineData("req_019ca8b9b6007000800000000000000a_1_2")]
    [InlineData("thr_019ca8b9b6007000800000000000000a_1")]
    [InlineData(null)]
    public void Nothing_else_is_a_request_id(string? text) => Assert.False(RequestId.TryParse(text, out _, out _));

    [Fact]
    public void The_idempotency_key_of_a_call_is_its_thread_and_its_id() =>
        Assert.Equal("thr_019ca8b9b6007000800000000000000a/call_2", new CallId(2).IdempotencyKey(Spec.Id));
}
