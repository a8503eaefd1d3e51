using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;

namespace AgentMcp.Agents.Files;

/// <summary>Reads <c>*.agent.md</c>: what an agent is in the front matter, its prompt below. The fields: <see cref="Field.All"/>.</summary>
public static class AgentFile
{
    /// <summary>Every field there is, what it means, and what holds when it is left out; null for one that must be there.</summary>
    public static IReadOnlyList<(string Name, string Meaning, string? Otherwise)> Fields { get; } = [.. Field.All.Select(field => (field.Name, field.Meaning, field.Otherwise))];

    /// <param name="tools">The tools the file may name, agents among them, beside the standard intents.</param>
    /// <exception cref="AgentFileException">The file cannot be used; the message gives file, line and reason.</exception>
    public static Microagent Read(string path, IReadOnlyDictionary<string, Tool> tools, Rules? rules = null) =>
        Parse(path, File.ReadAllText(path), tools, rules);

    /// <summary>
    /// Reads a file that comes with its program and that the program's tests have read with <see cref="Read"/>. What takes a
    /// schema to be checked is not checked again: that would load a library at every start.
    /// </summary>
    /// <inheritdoc cref="Read"/>
    public static Microagent ReadShipped(string path, IReadOnlyDictionary<string, Tool> tools, Rules? rules = null) =>
        Parse(path, File.ReadAllText(path), tools, rules, _ => { }, shipped: true);

    /// <inheritdoc cref="Read"/>
    public static Microagent Parse(string path, string text, IReadOnlyDictionary<string, Tool> tools, Rules? rules = null) =>
        Parse(path, text, tools, rules, _ => { });

    /// <param name="looked">Told of the files it includes.</param>
    /// <param name="broken">Agents there would be, were their own files in order.</param>
    /// <param name="shipped">As in <see cref="ReadShipped"/>.</param>
    internal static Microagent Parse(
        string path, string text, IReadOnlyDictionary<string, Tool> tools, Rules? rules, Action<string> looked, IReadOnlySet<string>? broken = null, bool shipped = false)
    {
        var matter = Front(path, text);
        matter.IsShipped = shipped;
        var agent = Fill(new(matter, tools, looked, broken), _ => true) with { Rules = rules };
        if (agent is { Model: "rules", Rules: null })
        {
            throw matter.Wrong("model", "rules are a table of decisions in code, and a file has none; name another model, or leave it out for the server's");
        }

        agent = Ended(agent);
        return agent with { Prompt = new PromptText(FolderOf(path), VariableFields.Of(agent, matter), looked).Fill(path, matter.Body, matter.BodyLine) };
    }

    /// <summary>What others must know to call it, the names of its tools, and the line they stand on.</summary>
    internal static (Tool Tool, IReadOnlyList<string> Names, int NamesLine) Head(string path, string text)
    {
        var matter = Front(path, text);
        var agent = Fill(new(matter, new Dictionary<string, Tool>()), field => field.Name is "name" or "description" or "input");
        return (AgentAsTool.Of(agent), matter.List("tools"), matter.LineOf("tools"));
    }

    /// <summary>An agent of which nothing has been read yet.</summary>
    internal static Microagent Blank { get; } = new("", "", Microagent.MessageSchema, Microagent.MessageSchema, "", [], new Limits());

    /// <summary>Every agent can end.</summary>
    internal static Microagent Ended(Microagent agent) =>
        agent.Intents.Any(intent => intent is Done) ? agent : agent with { Intents = [.. agent.Intents, StandardIntents.DoneForNow(agent.Output)] };

    internal static string FolderOf(string path) => Path.GetDirectoryName(path) is { Length: > 0 } folder ? folder : ".";

    private static FrontMatter Front(string path, string text)
    {
        var matter = FrontMatter.Parse(path, text);
        matter.AllowOnly([.. Field.All.Select(field => field.Name)]);
        foreach (var field in Field.All.Where(field => field.Otherwise is null))
        {
            matter.Required(field.Name);
        }

        return matter;
    }

    private static Microagent Fill(Given given, Func<Field, bool> wanted) => Field.All
        .Where(field => wanted(field) && given.Matter.Has(field.Name))
        .Aggregate(Blank, (agent, field) => field.Read(agent, given));
}
