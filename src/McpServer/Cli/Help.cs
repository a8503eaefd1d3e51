using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace AgentMcp.Server.Cli;

/// <summary>The library's help, with examples under each command and the exit codes under the program itself.</summary>
internal sealed class Help(HelpAction standard) : SynchronousCommandLineAction
{
    private static readonly Dictionary<Command, string[]> Examples = [];

    /// <summary>Who asks how a command is used need not use it rightly.</summary>
    public override bool ClearsParseErrors => true;

    public static void Extend(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        var extended = new Help((HelpAction)help.Action!);
        help.Action = extended;
        root.SetAction(extended.Invoke);
    }

    public static void Of(Command command, params string[] examples) => Examples[command] = examples;

    public override int Invoke(ParseResult parseResult)
    {
        standard.Invoke(parseResult);
        var command = parseResult.CommandResult.Command;
        var output = parseResult.InvocationConfiguration.Output;
        Section(output, "Examples", Examples.GetValueOrDefault(command, []));
        if (command is RootCommand)
        {
            Section(output, "Exit codes", ExitCode.All.Select(code => $"{code.Code,-3}  {code.Meaning}"));
        }

        return ExitCode.Done;
    }

    private static void Section(TextWriter output, string title, IEnumerable<string> lines)
    {
        if (lines.Any())
        {
            output.WriteLine($"{title}:");
            foreach (var line in lines)
            {
                output.WriteLine($"  {line}");
            }

            output.WriteLine();
        }
    }
}
