using System.CommandLine;
using System.Text.Json;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Cli;

internal static class CallCommand
{
    public static Command Create()
    {
        var agent = new Argument<string>("AGENT") { Description = "The agent to call; agentmcp agents lists them." };
        var message = new Argument<string?>("MESSAGE") { Description = "What to say to it.", Arity = ArgumentArity.ZeroOrOne };
        var input = new Option<string?>("--input") { Description = "The input as JSON, for an agent that takes more than a message.", HelpName = "JSON" };
        var key = new Option<string?>("--key") { Description = "An idempotency key: the same key never starts a second thread.", HelpName = "KEY" };
        var wait = new Option<double?>("--wait") { Description = "Wait at most so many seconds; without it, until the thread waits or ends.", HelpName = "SECONDS" };
        wait.Validators.Add(given =>
        {
            if (given.GetValueOrDefault<double?>() is not (null or (>= 0 and <= 2_000_000)))
            {
                given.AddError("--wait takes a number of seconds from 0 to 2000000.");
            }
        });

        var command = new Command("call", "Call an agent. The thread is stored before anything happens; what it asks can be answered any time later.") { agent, message, input, key, wait };
        command.OnCore(async (core, screen, parsed, cancellation) =>
        {
            var given = InputOf(parsed.GetValue(message), parsed.GetValue(input));
            var thread = await core.Host.Start(parsed.GetValue(agent)!, given, Terminal.Person, parsed.GetValue(key)).ConfigureAwait(false);
            return await CoreCommand.Follow(core, screen, parsed, thread, parsed.GetValue(wait), cancellation).ConfigureAwait(false);
        });
        Help.Of(command,
            "agentmcp call calculator \"divide 3 by 4\" --model rules",
            "agentmcp call deploybot --input '{\"message\": \"deploy the latest commit to production\"}' --key release-41 --json");
        return command;
    }

    private static JsonText InputOf(string? message, string? input)
    {
        switch (message, input)
        {
            case (not null, null):
                return JsonText.Write(writer =>
                {
                    writer.WriteStartObject();
                    writer.WriteString("message", message);
                    writer.WriteEndObject();
                });
            case (null, not null):
                try
                {
                    return JsonText.Parse(input);
                }
                catch (JsonException e)
                {
                    throw new UsageException($"--input is not JSON: {e.Message.Split('\n')[0]}");
                }

            default:
                throw new UsageException("Give either a MESSAGE or --input JSON.");
        }
    }
}
