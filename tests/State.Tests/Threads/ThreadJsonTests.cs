using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.State.Tests.Threads;

public class ThreadJsonTests
{
    [Fact]
    [Trait("Accepts", "F5.2 R.7")]
    public void Quotes_newlines_and_any_script_survive()
    {
        var happened = new ToolFailed(Happened.Nine, new(2), "\"<b>&'\n\t\u0000 naïve 日本 🚀");
        var line = ThreadJson.Write(happened);
        Assert.Equal("""{"type":"tool_failed","call":2,"error":"\"<b>&'\n\t\u0000 naïve 日本 \uD83D\uDE80","at":"2026-03-01T09:00:00+00:00"}""", line);
        Assert.Equal(happened, ThreadJson.Read(line));
    }

    [Fact]
    [Trait("Accepts", "F5.2")]
    public void A_value_as_deep_as_the_edge_lets_in_can_be_read_back()
    {
        var happened = new ToolReturned(Happened.Nine, new(2), JsonText.Parse(new string('[', 64) + new string(']', 64)));
        Assert.Equal(happened, ThreadJson.Read(ThreadJson.Write(happened)));
    }

    [Fact]
    public void Members_may_come_in_any_order_and_unknown_ones_are_passed_over() =>
        Assert.Equal(
            new ToolStarted(Happened.Nine, new(2), 1),
            ThreadJson.Read("""{"at":"2026-03-01T09:00:00+00:00","attempt":1,"colour":"blue","call":2,"type":"tool_started"}"""));

    [Theory]
    [InlineData("""{"type":"tool_vanished","at":"2026-03-01T09:00:00+00:00"}""")]
    [InlineData("""{"at":"2026-03-01T09:00:00+00:00"}""")]
    [InlineData("""{"type":"tool_failed","call":2,"at":"2026-03-01T09:00:00+00:00"}""")]
    [InlineData("""{"type":"tool_failed","call":2,"error":null,"at":"2026-03-01T09:00:00+00:00"}""")]
    [InlineData("""{"type":"tool_failed","call":"call_2","error":"x","at":"2026-03-01T09:00:00+00:00"}""")]
    [InlineData("""{"type":"thread_forked","from":"thr_1","from_version":1,"by":"mia","channel":"stdio","at":"2026-03-01T09:00:00+00:00"}""")]
    [InlineData("""{"type":"request_opened","kind":"poll","question":"?","answerable_by":"caller","at":"2026-03-01T09:00:00+00:00"}""")]
    [InlineData("""{"type":"request_opened","kind":2,"question":"?","answerable_by":"caller","at":"2026-03-01T09:00:00+00:00"}""")]
    [InlineData("null")]
    [InlineData("not JSON")]
    public void What_is_no_whole_event_is_refused_and_never_read_by_half(string line) =>
        Assert.StartsWith("A stored event cannot be read; was it written by a newer version, or changed by hand? ",
            Assert.Throws<InvalidDataException>(() => ThreadJson.Read(line)).Message, StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"type":"tool_failed","call":2,"error":7,"at":"2026-03-01T09:00:00+00:00"}""", "The trouble is at $.error.")]
    [InlineData("""{"type":"tool_failed","call":2}""", "It is no event that is known here.")]
    [InlineData("""{"type":"message_received","message":"\ud800","by":"mia","channel":"x","at":"2026-03-01T09:00:00+00:00"}""", "The trouble is at $.message.")]
    public void What_is_refused_is_told_by_its_place_and_not_by_our_types(string line, string place) =>
        Assert.Equal($"A stored event cannot be read; was it written by a newer version, or changed by hand? {place}", Assert.Throws<InvalidDataException>(() => ThreadJson.Read(line)).Message);
}
