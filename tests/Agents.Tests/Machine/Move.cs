using CsCheck;

namespace AgentMcp.Agents.Tests.Machine;

internal enum Act
{
    Start,
    Answer,
    AnswerAgain,
    Cancel,
    Fork,
    Recover,
    Renew,
    LetGo,
    Kill,
    SetClock,
}

/// <summary>One thing that happens to one of the servers.</summary>
/// <param name="Server">The place of the server; one that has died is replaced by another.</param>
/// <param name="Number">Which script, request, thread, moment.</param>
/// <param name="Other">What else there is to choose: a key or none, yes or no, a version.</param>
/// <param name="Beside">It is not waited for: the next happens at the same time.</param>
internal sealed record Move(Act Act, int Server = 0, int Number = 0, int Other = 0, bool Beside = false)
{
    public const int Servers = 2;
    public const int Scripts = 3;

    private static readonly Gen<Act> Acts = Gen.Frequency(
        (5, Gen.Const(Act.Start)), (8, Gen.Const(Act.Answer)), (2, Gen.Const(Act.AnswerAgain)), (2, Gen.Const(Act.Cancel)), (2, Gen.Const(Act.Fork)),
        (4, Gen.Const(Act.Recover)), (1, Gen.Const(Act.Renew)), (3, Gen.Const(Act.LetGo)), (4, Gen.Const(Act.Kill)), (2, Gen.Const(Act.SetClock)));

    private static readonly Gen<Move> Any = Gen.Select(Acts, Gen.Int[0, Servers - 1], Gen.Int[0, 600], Gen.Int[0, 11], Gen.Int[0, 3])
        .Select((act, server, number, other, beside) => new Move(act, server, number, other, beside == 0));

    private static readonly Gen<string> Simple = Gen.Char["lspgqzSPD"].Array[1, 3].Select(steps => new string(steps));

    private static readonly Gen<string> Part = Gen.Frequency(
        (8, Gen.Char["lspgqzSPD"].Select(step => step.ToString())), (2, Simple.Select(below => $"({below})")), (2, Simple.Select(below => $"[{below}]")));

    private static readonly Gen<string> Line = Part.Array[1, 4].Select(string.Concat);

    private static readonly Gen<string> Script = Gen.Frequency(
        (3, Line.Select(line => $"boss:{line}")), (3, Line.Select(line => $"clerk:{line}")), (3, Line.Array[1, 3].Select(lines => $"flow:{string.Join('|', lines)}")));

    /// <summary>What the threads are to do, and what happens.</summary>
    public static Gen<(string[] Scripts, Move[] Moves)> Histories { get; } = Gen.Select(Script.Array[Scripts], Any.Array[1, 24]);

    // As it is written in a test that keeps it.
    public override string ToString() => $"new(Act.{Act}, {Server}, {Number}, {Other}{(Beside ? ", true" : "")})";
}
