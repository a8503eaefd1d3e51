using CsCheck;

namespace AgentMcp.State.Tests.Histories;

internal enum Act
{
    Start,
    Look,
    Take,
    Step,
    Answer,
    Cancel,
    Release,
    Renew,
    Restart,
    SetClock,
    Find,
}

/// <summary>One thing that one of the processes does.</summary>
/// <param name="Process">The place of the process; who dies there is replaced by another.</param>
/// <param name="Thread">Which thread, of those there are.</param>
/// <param name="Number">What else there is to choose: a key, a step, an answer, seconds.</param>
/// <param name="Dies">
/// The process dies in the middle of it, after so many instructions of SQLite. When it is done before that, the process
/// dies after the commit and before anybody heard of it.
/// </param>
internal sealed record Deed(Act Act, int Process, int Thread, int Number, int? Dies = null)
{
    public const int Processes = 3;

    private static readonly Gen<Act> Acts = Gen.Frequency(
        (3, Gen.Const(Act.Start)), (4, Gen.Const(Act.Look)), (4, Gen.Const(Act.Take)), (10, Gen.Const(Act.Step)), (4, Gen.Const(Act.Answer)),
        (1, Gen.Const(Act.Cancel)), (1, Gen.Const(Act.Release)), (1, Gen.Const(Act.Renew)), (1, Gen.Const(Act.Restart)), (2, Gen.Const(Act.SetClock)), (2, Gen.Const(Act.Find)));

    // A commit is some hundred instructions.
    private static readonly Gen<int?> Deaths = Gen.Frequency((9, Gen.Const((int?)null)), (1, Gen.Int[0, 400].Select(instructions => (int?)instructions)));

    private static readonly Gen<Deed> Any = Gen.Select(Acts, Gen.Int[0, Processes - 1], Gen.Int[0, 3], Gen.Int[0, 11], Deaths)
        .Select((act, process, thread, number, dies) => new Deed(act, process, thread, number, dies));

    public static Gen<Deed[]> Histories { get; } = Any.Array[1, 60];

    // As it is written in a test that keeps it.
    public override string ToString() => $"new(Act.{Act}, {Process}, {Thread}, {Number}{(Dies is null ? "" : $", {Dies}")})";
}
