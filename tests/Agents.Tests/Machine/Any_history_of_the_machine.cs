using System.Globalization;
using CsCheck;

namespace AgentMcp.Agents.Tests.Machine;

/// <summary>
/// Whatever clients ask of two servers on one file, whoever dies at whichever instruction and however the clocks jump:
/// nothing that may not happen twice does, each doubt is asked about, what was acknowledged stays, and every thread comes to
/// its end. <c>AGENTMCP_MACHINE_SECONDS</c> makes it go on for longer, <c>AGENTMCP_MACHINE_SEED</c> begins with that one.
/// </summary>
public sealed class Any_history_of_the_machine
{
    private const int Seconds = 12;

    [Fact]
    [Trait("Accepts", "R.3")]
    [Trait("Accepts", "R.6")]
    [Trait("Accepts", "R.10")]
    [Trait("Accepts", "F8.7")]
    public async Task Does_nothing_twice_loses_nothing_and_ends()
    {
        var (histories, moves, deaths, doubts, answers) = (0, 0, 0, 0, 0);
        await Move.Histories.SampleAsync(
            async history =>
            {
                (histories, moves) = (histories + 1, moves + history.Moves.Length);
                var toll = await Play.Of(history.Scripts, history.Moves);
                (deaths, doubts, answers) = (deaths + toll.Deaths, doubts + toll.Doubts, answers + toll.Answers);
            },
            seed: Environment.GetEnvironmentVariable("AGENTMCP_MACHINE_SEED"),
            time: Environment.GetEnvironmentVariable("AGENTMCP_MACHINE_SECONDS") is { } told ? int.Parse(told, CultureInfo.InvariantCulture) : Seconds,
            threads: 1,
            print: history => $"""["{string.Join("\", \"", history.Scripts)}"], {string.Join(", ", history.Moves.AsEnumerable())}""");

        var played = $"{histories} histories, {moves} moves, {deaths} deaths, {doubts} doubts, {answers} answers";
        TestContext.Current.TestOutputHelper?.WriteLine(played);
        // Where nobody dies, asks or answers, nothing was tried.
        Assert.True(deaths > 10 && doubts > 0 && answers > 0, played);
    }
}
