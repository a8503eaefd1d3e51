using System.Text.Json;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Evals;

/// <summary>A case from the file it is kept in, checked as a whole: what is wrong is told with its place.</summary>
public static class CaseFile
{
    /// <summary>The form of the file; a changed form gets the next number.</summary>
    public const int Format = 1;

    private static readonly string[] Fields = ["case", "about", "agent", "definition", "events", "steps"];
    private static readonly string[] StepFields = ["version", "system", "user", "output", "assert"];

    /// <inheritdoc cref="CaseText"/>
    public static string Write(Case recorded) => CaseText.Of(recorded);

    /// <exception cref="CaseFileException">The file is no case.</exception>
    /// <exception cref="IOException">The file cannot be read.</exception>
    public static Case Read(string path) => Parse(path, File.ReadAllText(path));

    /// <inheritdoc cref="Read"/>
    public static Case Parse(string path, string text)
    {
        var root = new CaseReader(path, Document(path, text), "the case");
        root.AllowOnly(Fields);
        if (root.Number("case") is not Format and var format)
        {
            throw new CaseFileException(path, $"this is a case of form {format}; this program reads form {Format}");
        }

        var events = root.List("events").Select(item => item.Event()).ToList();
        var recorded = new Case(root.Text("agent"), root.Json("definition"), events, [.. root.List("steps").Select(Step)], root.Find("about") is null ? null : root.Text("about"));
        Check(path, recorded);
        return recorded;
    }

    private static JsonElement Document(string path, string text)
    {
        try
        {
            // Duplicates would be taken for one of the two, whichever.
            using var document = JsonDocument.Parse(text, new JsonDocumentOptions { AllowDuplicateProperties = false, MaxDepth = 128 });
            return document.RootElement.Clone();
        }
        catch (JsonException e)
        {
            throw new CaseFileException(path, $"this is no JSON: {e.Message}");
        }
    }

    private static CaseStep Step(CaseReader step)
    {
        step.AllowOnly(StepFields);
        var output = step.Json("output");
        var assertions = step.Find("assert") is { } assert ? [.. assert.Members().SelectMany(member => Assertions(member.Name, member.Value))] : new List<Assertion>();
        if (assertions.Select(assertion => assertion.Problem()).FirstOrDefault(problem => problem is not null) is { } wrong)
        {
            throw step.Wrong(wrong);
        }

        return new(step.Number("version"), step.Lines("system"), step.Lines("user"), output?.AsString() ?? output?.Text, assertions);
    }

    private static IEnumerable<Assertion> Assertions(string target, CaseReader value) => target == Assertion.Judge
        ? [new(target, "", value.Value)]
        : value.Members().Select(matcher => new Assertion(target, matcher.Name, matcher.Value.Value));

    private static void Check(string path, Case recorded)
    {
        if (recorded.Events is not [ThreadStarted, ..])
        {
            throw new CaseFileException(path, "events must begin with thread_started");
        }

        try
        {
            _ = AgentThread.Fold(ThreadId.New(recorded.Start.At), recorded.Events);
        }
        catch (InvalidDataException e)
        {
            throw new CaseFileException(path, e.Message);
        }

        var versions = recorded.StepVersions.ToList();
        if (recorded.Steps.FirstOrDefault(step => !versions.Contains(step.Version)) is { } stray)
        {
            throw new CaseFileException(path, versions.Count == 0
                ? "its events hold no step"
                : $"event {stray.Version} is no step; the steps are at the versions {string.Join(", ", versions)}");
        }
    }
}
