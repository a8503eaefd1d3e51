using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Spectre.Console;

namespace AgentMcp.Server.Cli;

/// <summary>What a person at the terminal says to a request, asked in the form the request has.</summary>
internal sealed record PersonsAnswer(bool? Approved, JsonText? Response, string? Comment, JsonText? Arguments = null)
{
    private const string Other = "something else";
    private const string Changed = "approve with changes";
    private const string Later = "answer later";

    /// <summary>Null when the person leaves it open.</summary>
    public static async Task<PersonsAnswer?> To(RequestOpened asked, IAnsiConsole person, CancellationToken cancellation) => asked switch
    {
        { Kind: RequestKind.Approval or RequestKind.Budget } => await YesOrNo(person, mayWait: true, cancellation, asked).ConfigureAwait(false),
        { Kind: RequestKind.InDoubt } => await InDoubt(person, cancellation).ConfigureAwait(false),
        { Options: { Count: > 0 } options } => await Choice(person, options, free: asked.Schema is null, cancellation).ConfigureAwait(false),
        _ => await Words(person, "Your answer", cancellation).ConfigureAwait(false),
    };

    public static async Task<PersonsAnswer?> YesOrNo(IAnsiConsole person, bool mayWait, CancellationToken cancellation, RequestOpened? asked = null) =>
        await Select(person, ["approve", .. asked?.Changes is null ? [] : new[] { Changed }, "reject", .. mayWait ? new[] { Later } : []], cancellation).ConfigureAwait(false) switch
        {
            "approve" => new(true, null, null),
            Changed => new(true, null, null, await OtherArguments(person, asked!.Action!.Arguments, cancellation).ConfigureAwait(false)),
            "reject" => new(false, null, await Text(person, "Why, or what should be done instead? (may be empty)", mayBeEmpty: true, cancellation).ConfigureAwait(false)),
            _ => null,
        };

    public static async Task<PersonsAnswer?> Words(IAnsiConsole person, string what, CancellationToken cancellation) =>
        new(null, JsonText.Of(await Text(person, what, mayBeEmpty: false, cancellation).ConfigureAwait(false)), null);

    public static async Task<PersonsAnswer?> OneOf(IAnsiConsole person, IReadOnlyList<string> choices, CancellationToken cancellation) =>
        new(null, JsonText.Of(await Select(person, choices, cancellation).ConfigureAwait(false)), null);

    private static async Task<PersonsAnswer?> Choice(IAnsiConsole person, IReadOnlyList<ResponseOption> options, bool free, CancellationToken cancellation)
    {
        var chosen = await Select(person, [.. options.Select(option => option.Name), .. free ? new[] { Other } : [], Later], cancellation).ConfigureAwait(false);
        return chosen switch
        {
            Later => null,
            Other when free => await Words(person, "Your answer", cancellation).ConfigureAwait(false),
            _ => new(null, JsonText.Of(chosen), null),
        };
    }

    private static async Task<PersonsAnswer?> InDoubt(IAnsiConsole person, CancellationToken cancellation)
    {
        var outcome = await Select(person, [.. InDoubtAnswer.Options.Select(option => option.Name), Later], cancellation).ConfigureAwait(false);
        if (outcome == Later)
        {
            return null;
        }

        var result = outcome == "done" ? await Text(person, "What did it return? (may be empty)", mayBeEmpty: true, cancellation).ConfigureAwait(false) : null;
        return new(null, JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("outcome", outcome);
            if (result is not null)
            {
                writer.WriteString("result", result);
            }

            writer.WriteEndObject();
        }), null);
    }

    private static async Task<JsonText> OtherArguments(IAnsiConsole person, JsonText asked, CancellationToken cancellation)
    {
        // Not as the default of the prompt, which is markup: brackets in it would be obeyed.
        person.Write(new Padder(new Text(Visible.InJson(asked.Text)), new Padding(2, 0, 0, 0)));
        var text = await new TextPrompt<string>("The arguments to run, as JSON (empty for those above)") { AllowEmpty = true }
            .Validate(text => text.Length == 0 || JsonText.TryParse(text, out _) ? ValidationResult.Success() : ValidationResult.Error("that is not JSON"))
            .ShowAsync(person, cancellation).ConfigureAwait(false);
        return text.Length == 0 ? asked : JsonText.Parse(text);
    }

    private static Task<string> Select(IAnsiConsole person, IEnumerable<string> choices, CancellationToken cancellation) =>
        new SelectionPrompt<string> { Converter = choice => Markup.Escape(Screen.Clean(choice).ReplaceLineEndings(" ")) }.AddChoices(choices).ShowAsync(person, cancellation);

    private static async Task<string?> Text(IAnsiConsole person, string what, bool mayBeEmpty, CancellationToken cancellation) =>
        await new TextPrompt<string>(what) { AllowEmpty = mayBeEmpty }.ShowAsync(person, cancellation).ConfigureAwait(false) is { Length: > 0 } said ? said : null;
}
