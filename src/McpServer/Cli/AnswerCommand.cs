using System.CommandLine;
using System.Text.Json;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Cli;

/// <summary>
/// Answers as the person at this machine, which counts where only a human may answer; then the thread runs on in this
/// process until it waits or ends.
/// </summary>
internal static class AnswerCommand
{
    public static Command Create()
    {
        var thread = CoreCommand.Thread();
        var request = new Option<string?>("--request") { Description = "Which request; may be left out while exactly one is open.", HelpName = "REQUEST" };
        var approve = new Option<bool>("--approve") { Description = "Yes. What was shown is what runs." };
        var with = new Option<string?>("--with") { Description = "Yes, but with these arguments, as JSON; only where the tool allows changes.", HelpName = "JSON" };
        var reject = new Option<string?>("--reject") { Description = "No, with a reason the agent reads.", HelpName = "REASON", Arity = ArgumentArity.ZeroOrOne };
        var response = new Option<string?>("--response") { Description = "The answer to a question: text, or JSON where the request has a schema.", HelpName = "TEXT-or-JSON" };
        var comment = new Option<string?>("--comment") { Description = "A word to go with it; the agent reads it.", HelpName = "TEXT" };

        var command = new Command("answer", "Answer what a thread asks, or speak to a completed one. With no answer given, a terminal is asked for it.")
        {
            thread, request, approve, with, reject, response, comment,
        };
        command.OnCore(async (core, screen, parsed, cancellation) =>
        {
            var id = parsed.GetValue(thread);
            var rejected = parsed.GetResult(reject) is not null;
            var given = Given(parsed.GetValue(approve), parsed.GetValue(with), rejected, parsed.GetValue(reject), parsed.GetValue(response), parsed.GetValue(comment));
            var (owner, named) = RequestOf(core, id, parsed.GetValue(request));
            if (given is not null)
            {
                await core.Host.Answer(owner, Terminal.Person, named, given.Approved, given.Response, given.Comment, given.Arguments, core.Access.OwnerOf(owner, Principal.Local)).ConfigureAwait(false);
            }
            else if (await PersonsWord.Ask(core, screen, screen.Person, id, named?.In(owner), cancellation).ConfigureAwait(false) is { } word)
            {
                await word.Say(core).ConfigureAwait(false);
            }
            else
            {
                screen.Line("Nothing was answered; the thread waits on.");
                return ExitCode.Pending;
            }

            return await CoreCommand.Follow(core, screen, parsed, id, seconds: null, cancellation).ConfigureAwait(false);
        });
        Help.Of(command,
            "agentmcp answer thr_0198c0a1... --approve",
            "agentmcp answer thr_0198c0a1... --with '{\"tag\": \"v2\"}'",
            "agentmcp answer thr_0198c0a1... --reject \"deploy the backend first\"",
            "agentmcp answer thr_0198c0a1... --response \"use 5 instead\"",
            "agentmcp answer thr_0198c0a1... --response '{\"outcome\": \"run_again\"}'",
            "agentmcp answer thr_0198c0a1...");
        return command;
    }

    // Two answers are none: least of all may a no become the yes that other arguments are.
    private static PersonsAnswer? Given(bool approve, string? with, bool reject, string? reason, string? response, string? comment) => (approve, with, reject, response) switch
    {
        (true, _, true, _) => throw new UsageException("Give --approve or --reject, not both."),
        (_, not null, true, _) => throw new UsageException("Give --reject or --with, not both."),
        (_, not null, _, not null) => throw new UsageException("Give --response or --with, not both."),
        (_, _, true, _) when reason is not null && comment is not null => throw new UsageException("Give the reason once: after --reject, or as --comment."),
        (_, _, true, not null) => throw new UsageException("Give --reject or --response, not both."),
        (_, { } changed, _, _) => new(true, null, comment, Json("--with", changed)),
        (true, _, _, _) => new(true, Response(response), comment),
        (_, _, true, _) => new(false, null, reason ?? comment),
        (_, _, _, not null) => new(null, Response(response), comment),
        _ when comment is not null => throw new UsageException("--comment goes with --approve, --with, --reject or --response."),
        _ => null,
    };

    // What looks like an object must be one: half of it would otherwise reach the agent as words.
    private static JsonText? Response(string? text) =>
        text is null ? null : text.TrimStart().StartsWith('{') ? Json("--response", text) : JsonText.Of(text);

    private static JsonText Json(string option, string text)
    {
        try
        {
            return JsonText.Parse(text);
        }
        catch (JsonException e)
        {
            throw new UsageException(text.TrimStart().StartsWith('{')
                ? $"{option} begins like a JSON object and is none: {e.Message.Split('\n')[0]}"
                : $"{option} takes a JSON object, such as {{\"tag\": \"v2\"}}.");
        }
    }

    private static (ThreadId Owner, RequestId? Request) RequestOf(Core core, ThreadId thread, string? text) => text is null ? (thread, null)
        : RequestId.TryParse(text, out var owner, out var request) && (owner == thread || core.Host.IsBelow(owner, thread, core.Access.OwnerOf(thread, Principal.Local))) ? (owner, request)
        : throw new RefusedException(RefusalCode.RequestNotFound, $"'{Screen.Clean(text)}' is not a request of {thread}. agentmcp show {thread} --json lists those that are open, under requests.");
}
