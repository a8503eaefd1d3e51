using AgentMcp.State.Threads;

namespace AgentMcp.State.Tests.Threads;

/// <summary>Logs as a release wrote them. They are never edited: whatever changes, they must go on folding to the same.</summary>
public class OldLogTests
{
    [Theory]
    [InlineData("approved", "v12 Completed, steps 1, errors 0, tokens 1200+85, open [], answers [3]")]
    [InlineData("rejected", "v8 Cancelled, steps 2, errors 0, tokens 2100+97, open [], answers [4]")]
    [InlineData("in_doubt", "v9 Thinking, steps 1, errors 1, tokens 1200+85, open [], answers [3 6]")]
    [InlineData("sleep", "v9 Waiting, steps 2, errors 0, tokens 0+0, open [9:external_result], answers [5]")]
    [InlineData("fork", "v6 Waiting, steps 1, errors 0, tokens 1200+85, open [6:approval], answers [3]")]
    [InlineData("changed", "v9 Completed, steps 2, errors 0, tokens 0+0, open [], answers [3]")]
    [InlineData("budget", "v9 Failed, steps 1, errors 0, tokens 0+0, open [], answers [4 7]")]
    [InlineData("passed_on", "v10 Thinking, steps 1, errors 0, tokens 1200+85, open [], answers [7]")]
    [InlineData("workflow", "v19 Working, steps 6, errors 0, tokens 0+0, open [11:child 18:question], answers [4 13]")]
    [InlineData("context", "v10 Chosen, steps 3, errors 0, tokens 2400+145, open [], answers []")]
    [InlineData("changed_agent", "v7 Thinking, steps 1, errors 0, tokens 0+0, open [], answers [3 5]")]
    [InlineData("child", "v6 Thinking, steps 4, errors 0, tokens 1200+85, open [], answers [4]")]
    [InlineData("traced", "v3 Completed, steps 1, errors 0, tokens 0+0, open [], answers []")]
    [InlineData("leave", "v7 Waiting, steps 2, errors 1, tokens 3200+185, open [7:child], answers [2]")]
    [Trait("Accepts", "F5.2")]
    public void A_log_of_an_earlier_release_still_folds_to_what_it_meant(string name, string meaning)
    {
        var thread = AgentThread.Fold(Spec.Id, Lines(name).Select(ThreadJson.Read));
        Assert.Equal(meaning,
            $"v{thread.Version} {Transitions.NameOf(thread)}, steps {thread.Steps}, errors {thread.ErrorsInRow.Count}, tokens {thread.Usage.InputTokens}+{thread.Usage.OutputTokens}, "
            + $"open [{string.Join(' ', thread.OpenRequests.Select(open => $"{open.Id.Version}:{WireName.Of(open.Asked.Kind)}"))}], "
            + $"answers [{string.Join(' ', thread.Answers.Keys.Select(id => id.Version).Order())}]");
    }

    [Theory]
    [InlineData("approved")]
    [InlineData("rejected")]
    [InlineData("in_doubt")]
    [InlineData("sleep")]
    [InlineData("fork")]
    [InlineData("changed")]
    [InlineData("budget")]
    [InlineData("changed_agent")]
    [InlineData("child")]
    [InlineData("passed_on")]
    [InlineData("workflow")]
    [InlineData("leave")]
    [InlineData("context")]
    [InlineData("traced")]
    [Trait("Accepts", "F5.2")]
    public void An_event_of_an_earlier_release_is_written_again_as_it_was(string name) =>
        Assert.Equal(Lines(name), Lines(name).Select(line => ThreadJson.Write(ThreadJson.Read(line))));

    [Fact]
    [Trait("Accepts", "F5.2")]
    public void The_old_logs_hold_every_event_there_is() =>
        Assert.Equal(
            UnionTests.SubtypesOf<ThreadEvent>().Select(type => type.Name).Order(StringComparer.Ordinal),
            Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Logs")).SelectMany(File.ReadAllLines)
                .Select(line => ThreadJson.Read(line).GetType().Name).Distinct().Order(StringComparer.Ordinal));

    private static string[] Lines(string name) => File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "Logs", name + ".jsonl"));
}
