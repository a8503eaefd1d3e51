namespace AgentMcp.Server.Cli.Demo;

/// <summary>Tells a demo as it happens, in numbered steps.</summary>
internal sealed class Narrator(Screen screen)
{
    private int _step;

    public void Step(string title, params string[] words)
    {
        screen.Line();
        screen.Line(($"{++_step}. ", Tone.Dim), (title, Tone.Strong));
        foreach (var line in words)
        {
            Say(line);
        }
    }

    public void Say(string words) => screen.Block(words, indent: 3);

    public void Show(WireThread thread)
    {
        screen.Line($"   {thread.Status}{(thread.Requests is [var open, ..] ? $" ({open.Kind})" : "")}, {thread.ThreadId}, {thread.Version} events", Tone.Dim);
        // That a thread waits for another one says nothing that the other one does not say better.
        foreach (var request in thread.Requests.Where(request => request.Kind != "child"))
        {
            screen.Block(request.Question, Tone.Wait, indent: 3);
            screen.Block((request.Context ?? "").Replace("**", "", StringComparison.Ordinal), indent: 5);
        }

        if ((thread.Error ?? thread.Message) is { } message)
        {
            screen.Block(message, thread.Error is null ? Tone.Good : Tone.Bad, indent: 3);
        }
    }

    public void Told(PersonsAnswer answer) => screen.Line(("   > ", Tone.Dim), (answer switch
    {
        { Approved: true } => "approved",
        { Approved: false, Comment: { } comment } => $"rejected: \"{comment}\"",
        { Approved: false } => "rejected",
        _ => answer.Response?.AsString() ?? "",
    }, Tone.Strong));
}
