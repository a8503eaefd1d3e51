using System.CommandLine;
using AgentMcp.Server.Inbox;

namespace AgentMcp.Server.Cli;

/// <summary>What waits for a person, in the terminal: a list, and on a terminal one after the other to be answered.</summary>
internal static class InboxCommand
{
    private static readonly TimeSpan LinkLifetime = TimeSpan.FromHours(1);

    public static Command Create()
    {
        var signIn = new Option<string?>("--sign-in") { Description = "Print a link, good once and for an hour, that signs a browser in to the inbox of a running server and opens this page of it.", HelpName = "URL" };
        var command = new Command("inbox", "See what waits for a person, and answer it.") { signIn };
        command.OnCore((core, screen, parsed, cancellation) =>
        {
            if (parsed.GetValue(signIn) is { } url)
            {
                Console.Out.WriteLine(Link(core.Database.Path, url));
                return Task.FromResult(ExitCode.Done);
            }

            return InboxList.Run(core, screen, parsed, cancellation);
        });
        Help.Of(command, "agentmcp inbox", "agentmcp inbox --json", "agentmcp inbox --sign-in http://localhost:8484/");
        return command;
    }

    private static string Link(string database, string url) => Uri.TryCreate(url, UriKind.Absolute, out var page) && page.Scheme is "http" or "https"
        ? new LocalAccess(database, TimeProvider.System).SignInLink(page.GetLeftPart(UriPartial.Authority), LinkLifetime, page.AbsolutePath)
        : throw new UsageException($"--sign-in takes the address of a page, such as http://localhost:8484/, not '{Screen.Clean(url)}'.");
}
