using System.Text;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace AgentMcp.Server.Tests.Cli;

/// <summary>A terminal at which these keys are pressed: <c>v</c> at the start of a choice is the down arrow.</summary>
internal sealed class TypedKeys : IAnsiConsole, IAnsiConsoleInput
{
    private readonly StringBuilder _shown = new();
    private readonly IAnsiConsole _screen;
    private readonly Queue<ConsoleKeyInfo> _keys = new();
    private Func<Task>? _meanwhile;

    /// <param name="meanwhile">What happens before the first key is pressed.</param>
    public TypedKeys(string keys, Func<Task>? meanwhile = null)
    {
        _meanwhile = meanwhile;
        _screen = AnsiConsole.Create(new() { Ansi = AnsiSupport.Yes, Interactive = InteractionSupport.Yes, Out = new AnsiConsoleOutput(new StringWriter(_shown)) });
        var choosing = true;
        foreach (var key in keys)
        {
            _keys.Enqueue(key switch
            {
                '\n' => new('\r', ConsoleKey.Enter, false, false, false),
                'v' when choosing => new('\0', ConsoleKey.DownArrow, false, false, false),
                _ => new(key, ConsoleKey.None, false, false, false),
            });
            choosing &= key == 'v';
        }
    }

    public string Shown => _shown.ToString();

    public Profile Profile => _screen.Profile;

    public IAnsiConsoleCursor Cursor => _screen.Cursor;

    public IAnsiConsoleInput Input => this;

    public IExclusivityMode ExclusivityMode => _screen.ExclusivityMode;

    public RenderPipeline Pipeline => _screen.Pipeline;

    public void Clear(bool home) => _screen.Clear(home);

    public void Write(IRenderable renderable) => _screen.Write(renderable);

    public void WriteAnsi(Action<AnsiWriter> action) => _screen.WriteAnsi(action);

    public bool IsKeyAvailable() => _keys.Count > 0;

    public ConsoleKeyInfo? ReadKey(bool intercept) => _keys.Dequeue();

    public async Task<ConsoleKeyInfo?> ReadKeyAsync(bool intercept, CancellationToken cancellationToken)
    {
        if (_meanwhile is { } happens)
        {
            _meanwhile = null;
            await happens();
        }

        return _keys.Dequeue();
    }
}
