using AgentMcp.State.Json;

namespace AgentMcp.Server.Cli.Demo;

internal sealed record Check(string What, bool Held);

/// <summary>The end of every demo: what must have followed from what was done, and whether it did.</summary>
internal static class DemoChecks
{
    /// <param name="kept">Where everything is left, if it is.</param>
    /// <returns>The exit code.</returns>
    public static int Show(Screen screen, IReadOnlyList<Check> checks, DemoSetup? kept)
    {
        var held = checks.All(check => check.Held);
        if (screen.WantsJson)
        {
            Screen.Json(JsonText.Write(writer =>
            {
                writer.WriteStartObject();
                writer.WriteBoolean("ok", held);
                writer.WriteStartArray("checks");
                foreach (var (what, holds) in checks)
                {
                    writer.WriteStartObject();
                    writer.WriteString("what", what);
                    writer.WriteBoolean("held", holds);
                    writer.WriteEndObject();
                }

                writer.WriteEndArray();
                writer.WriteString("folder", kept?.Folder);
                writer.WriteEndObject();
            }));
            return held ? ExitCode.Done : ExitCode.Failed;
        }

        screen.Line();
        screen.Line("Checks", Tone.Strong);
        foreach (var (what, holds) in checks)
        {
            screen.Line((holds ? "   ok      " : "   FAILED  ", holds ? Tone.Good : Tone.Bad), (what, Tone.Plain));
        }

        if (kept is not null)
        {
            screen.Line();
            screen.Line($"Everything is left in {kept.Folder}");
            screen.Line($"See the thread with: agentmcp threads --db {Shell.Quote(kept.Database)}", Tone.Dim);
        }

        return held ? ExitCode.Done : ExitCode.Failed;
    }
}
