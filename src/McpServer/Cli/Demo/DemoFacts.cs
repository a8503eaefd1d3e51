namespace AgentMcp.Server.Cli.Demo;

internal sealed record GivenAnswer(WireRequest Request, PersonsAnswer Answer);

/// <summary>
/// What was seen while the demo ran, and what must follow from it. The checks depend on what the person decided: what
/// was approved must have happened once, and what was not must not have happened.
/// </summary>
internal sealed class DemoFacts
{
    public required WireThread First { get; init; }

    public required bool UntouchedWhileWaiting { get; init; }

    public List<GivenAnswer> Answers { get; } = [];

    /// <summary>How the first server ended.</summary>
    public int KillExitCode { get; set; }

    public required WireThread Last { get; set; }

    public (int Before, int After)? VersionAcrossServers { get; set; }

    public int AnswersAfterKill { get; set; }

    /// <summary>Version and production tags before and after the same answer was given again.</summary>
    public (int Version, int Tags, int Switches)? BeforeRepetition { get; set; }

    public (int Version, int Tags, int Switches)? AfterRepetition { get; set; }

    public IEnumerable<Check> Checks(IReadOnlyList<(string Name, string Sha)> tags, string? serving, int switches)
    {
        yield return new("the call returned while a person was still to be asked", First is { Status: "pending", Requests: [{ Kind: "approval" }] });
        yield return new("nothing was deployed while the approval was open", UntouchedWhileWaiting);
        yield return new($"the first server was killed (exit code {KillExitCode})", KillExitCode != 0);
        yield return new("the second server, on another transport, knew the thread as it was left", VersionAcrossServers is var (before, after) && before == after);
        if (AnswersAfterKill > 0)
        {
            yield return new("the thread went on there", VersionAcrossServers is var (_, from) && Last.Version > from);
            yield return new("the same answer a second time changed nothing", BeforeRepetition is not null && BeforeRepetition == AfterRepetition);
        }

        List<string> pushes = [.. Approved().Select(action => action.Sha).OfType<string>()];
        yield return new(
            pushes switch
            {
                [] => "no production tag is in the remote, because none was approved",
                [var sha] => $"exactly one production tag is in the remote, at the approved commit {sha[..7]}",
                _ => $"exactly {pushes.Count} production tags are in the remote, at the approved commits",
            }, tags.Select(tag => tag.Sha).Order(StringComparer.Ordinal).SequenceEqual(pushes.Order(StringComparer.Ordinal)));
        List<string> promotions = [.. Approved().Select(action => action.Build).OfType<string>()];
        yield return new(
            promotions switch
            {
                [] => $"the frontend is still {Playground.LiveBuild}, because no other was approved",
                [var build] => $"the frontend was switched once, to the approved {build}",
                _ => $"the frontend was switched {promotions.Count} times, as approved",
            }, serving == (promotions is [.., var last] ? last : Playground.LiveBuild) && switches == promotions.Count);
        yield return new($"every one of the {Last.Version} events is in the log once", Last.TellsEverythingOnce && Last.Events!.Count(one => one.Type == "request_answered") == Answers.Count);
        yield return new("the thread is completed", Last.Status == "completed");
    }

    private IEnumerable<WireAction> Approved() => Answers.Where(given => given.Answer.Approved == true).Select(given => given.Request.Action).OfType<WireAction>();
}
