using System.CommandLine;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Cli.New;

internal static class NewCommand
{
    public static Command Create()
    {
        var name = new Argument<string>("NAME") { Description = "The name of the agent, such as bookkeeper: lower case letters, digits, _ and -." };
        var file = new Option<bool>("--file") { Description = "An agent file over tools that are there, with evals. The default." };
        var code = new Option<bool>("--code") { Description = "A program of your own: an agent with tools in C#, and a project of tests." };
        var workflow = new Option<bool>("--workflow") { Description = "The same, with a workflow in C# that calls the agent." };
        var into = new Option<string>("--into") { Description = "The folder to write into; by default the current one.", HelpName = "DIR", DefaultValueFactory = _ => "." }.NeverEmpty();
        var command = new Command("new", "Write a small agent that works (a plain tool, a question, a gated tool) with its prompt and tests, to be made your own. Overwrites nothing.")
        {
            name, file, code, workflow, into,
        };
        command.SetAction(parsed =>
        {
            if (new[] { parsed.GetValue(file), parsed.GetValue(code), parsed.GetValue(workflow) }.Count(chosen => chosen) > 1)
            {
                throw new UsageException("Give one of --file, --code and --workflow.");
            }

            var kind = parsed.GetValue(workflow) ? "workflow" : parsed.GetValue(code) ? "code" : "file";
            var scaffold = new Scaffold(kind, NewName.Of(parsed.GetValue(name)!), Path.GetFullPath(parsed.GetValue(into)!));
            var screen = new Screen(json: false);
            foreach (var written in scaffold.Write())
            {
                screen.Line($"Wrote {written}");
            }

            screen.Line();
            screen.Line(scaffold.Next);
            return ExitCode.Done;
        });
        Help.Of(command, "agentmcp new bookkeeper", "agentmcp new bookkeeper --code --into ../agents");
        return command;
    }
}

/// <summary>A name as agents have it, and as C# has it.</summary>
internal sealed record NewName(string Agent, string Code)
{
    /// <exception cref="RefusedException">It cannot be a name of both.</exception>
    public static NewName Of(string name)
    {
        if (name.Length is 0 or > 40 || !char.IsAsciiLetterLower(name[0]) || name.Any(c => !char.IsAsciiLetterLower(c) && !char.IsAsciiDigit(c) && c is not ('_' or '-')))
        {
            throw new RefusedException(RefusalCode.InvalidInput,
                $"'{Screen.Clean(name)}' cannot be the name of an agent and of its code: begin with a lower case letter, then lower case letters, digits, _ and -, at most 40. Nothing was written.");
        }

        return new(name, string.Concat(name.Split('_', '-').Where(part => part.Length > 0).Select(part => char.ToUpperInvariant(part[0]) + part[1..])));
    }
}
