using System.Text.RegularExpressions;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Files;

/// <summary>
/// All that is wrong with an agent file, where the reader stops at the first, and what is probably not meant in one that
/// can be used. Whatever is wrong is taken out and the rest looked at again.
/// </summary>
internal static partial class Lint
{
    private const int FewestWords = 3;

    /// <param name="known">The tools the file may name, beside the standard intents.</param>
    /// <param name="broken">Agents there would be, were their own files in order.</param>
    public static IReadOnlyList<Remark> Of(string path, string text, IReadOnlyDictionary<string, Tool> known, IReadOnlySet<string> broken, IReadOnlyCollection<string> servers)
    {
        FrontMatter matter;
        try
        {
            matter = FrontMatter.Parse(path, text);
        }
        catch (AgentFileException e)
        {
            return [e.Problem];
        }

        List<Remark> found = [];
        var agent = Fields(new(matter, known, Broken: broken), found);
        var variables = VariableFields.Of(agent, matter);
        var prompt = new PromptText(AgentFile.FolderOf(path), variables, _ => { }, found.Add);
        try
        {
            prompt.Fill(path, matter.Body, matter.BodyLine);
        }
        catch (AgentFileException e)
        {
            // All else it finds it tells one by one; one that is too long is not looked at further.
            found.Add(e.Problem);
        }

        found.AddRange(found.Count > 0 ? [] : Warnings(matter, agent, known, prompt.Used, servers));
        return [.. found.Distinct().OrderBy(remark => remark.Path != path).ThenBy(remark => remark.Line)];
    }

    private static Microagent Fields(Given given, List<Remark> found)
    {
        var matter = given.Matter;
        var taken = new HashSet<string>(StringComparer.Ordinal);
        while (!Try(null, () => matter.AllowOnly([.. Field.All.Select(field => field.Name)])))
        {
        }

        var agent = AgentFile.Blank;
        foreach (var field in Field.All)
        {
            while (matter.Has(field.Name) ? !Try(field.Name, () => agent = field.Read(agent, given)) : field.Otherwise is null && !Try(field.Name, () => matter.Required(field.Name)))
            {
                if (!matter.Has(field.Name))
                {
                    break;
                }
            }
        }

        return AgentFile.Ended(agent);

        bool Try(string? field, Action read)
        {
            try
            {
                read();
                return true;
            }
            catch (AgentFileException e)
            {
                // What one field may not name is no second mistake in another.
                if (e.Item is null || taken.Add(e.Item))
                {
                    found.Add(e.Problem);
                }

                // What names no place in it, or one that is gone, costs the whole field: with nothing taken out this would not end.
                _ = matter.TakeOut(e.Field, e.Item) || matter.TakeOut(field, null);
                return false;
            }
        }
    }

    private static IEnumerable<Remark> Warnings(FrontMatter matter, Microagent agent, IReadOnlyDictionary<string, Tool> known, IReadOnlySet<string> used, IReadOnlyCollection<string> servers)
    {
        if (agent.Description.Split(' ', StringSplitOptions.RemoveEmptyEntries).Length < FewestWords)
        {
            yield return Warn(matter.LineOf("description"), "the description is too short to say what the agent is for and what not; callers choose by it");
        }

        // Tools of other servers are known only once these run.
        foreach (var (name, tool) in matter.Map("gates").Keys.Select(name => (name, agent.FindTool(name))))
        {
            if (tool is not null && known.TryGetValue(name, out var own) && (own.Route, own.AnswerableBy) == (tool.Route, tool.AnswerableBy))
            {
                yield return Warn(matter.LineOf("gates", name), $"the gate of {name} changes nothing: it is {Gate(own)} without it too");
            }
            else if (tool is { Route: Route.Run, Effect: Effect.Effectful })
            {
                yield return Warn(matter.LineOf("gates", name), $"{name} has effects and runs unasked");
            }
        }

        foreach (var tool in agent.Intents.OfType<ServerTools>().Where(tool => !servers.Contains(tool.Server)))
        {
            yield return new(RemarkKind.Warning, matter.Path, matter.LineOf("tools", tool.Name), $"{tool.Name} is of an MCP server that is not configured here", Nearest.To(tool.Server, servers));
        }

        foreach (var name in matter.Map("vars").Keys.Where(name => !used.Contains(name)))
        {
            yield return Warn(matter.LineOf("vars", name), $"the variable '{name}' is used nowhere in the prompt");
        }

        if (matter.Body.Length == 0)
        {
            yield return Warn(matter.BodyLine, "there is no prompt below the front matter");
        }

        foreach (var mention in Mentions(matter, agent, known))
        {
            yield return mention;
        }

        Remark Warn(int line, string reason) => new(RemarkKind.Warning, matter.Path, line, reason);
    }

    /// <summary>Names in the prompt that are, or look very much like, tools and are none of this agent.</summary>
    private static IEnumerable<Remark> Mentions(FrontMatter matter, Microagent agent, IReadOnlyDictionary<string, Tool> known)
    {
        var own = agent.Intents.Select(intent => intent.Name).ToHashSet(StringComparer.Ordinal);
        var others = known.Keys.Concat(StandardIntents.All(agent.Output).Select(intent => intent.Name)).ToHashSet(StringComparer.Ordinal);
        var said = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (line, number) in matter.Body.Split('\n').Select((line, i) => (line, matter.BodyLine + i)))
        {
            foreach (var name in Mention().Matches(line).Select(match => match.Groups["name"].Value).Where(name => !own.Contains(name) && name != agent.Name && said.Add(name)))
            {
                if (others.Contains(name))
                {
                    yield return new(RemarkKind.Warning, matter.Path, number, $"the prompt mentions '{name}', which this agent does not list among its tools");
                }
                else if (Nearest.To(name, own) is { } meant)
                {
                    yield return new(RemarkKind.Warning, matter.Path, number, $"the prompt mentions '{name}', which is no tool", meant);
                }
            }
        }
    }

    private static string Gate(Tool tool) => tool.Route switch
    {
        Route.Run => "none",
        Route.Approve when tool.AnswerableBy == AnswerableBy.Human => "human",
        Route.Approve => "approval",
        _ => WireName.Of(tool.Route),
    };

    // In backticks anything may be a tool; in plain prose only what has an underscore or a dot inside.
    [GeneratedRegex(@"`(?<name>[a-z][a-z0-9_.-]*)`|(?<![\w`./{])(?<name>[a-z][a-z0-9]*(?:[_.][a-z0-9]+)+)(?![\w`/])", RegexOptions.ExplicitCapture)]
    private static partial Regex Mention();
}
