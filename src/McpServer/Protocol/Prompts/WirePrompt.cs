using System.Text.Json;
using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol.Prompts;

/// <summary>
/// A prompt of one message, which asks the host's model for something in the user's name. Its arguments are texts, as
/// the protocol has them; one that is optional and empty counts as not given, because hosts send fields nobody filled in.
/// </summary>
internal sealed class WirePrompt(Prompt prompt, Func<IReadOnlyDictionary<string, string>, string> write) : McpServerPrompt
{
    public override Prompt ProtocolPrompt => prompt;

    public override IReadOnlyList<object> Metadata => [];

    public override ValueTask<GetPromptResult> GetAsync(RequestContext<GetPromptRequestParams> request, CancellationToken cancellationToken = default) => ValueTask.FromResult(
        new GetPromptResult
        {
            Description = prompt.Description,
            Messages = [new() { Role = Role.User, Content = new TextContentBlock { Text = write(Read(request.Params.Arguments)) } }],
        });

    public static McpProtocolException Refused(string why) => new(why, McpErrorCode.InvalidParams);

    private Dictionary<string, string> Read(IDictionary<string, JsonElement>? arguments)
    {
        var given = new Dictionary<string, string>(StringComparer.Ordinal);
        var known = prompt.Arguments ?? [];
        foreach (var (name, value) in arguments ?? new Dictionary<string, JsonElement>())
        {
            var argument = known.FirstOrDefault(argument => argument.Name == name)
                ?? throw Refused($"The prompt {prompt.Name} has no argument '{name}'. It has {(known.Count == 0 ? "none" : string.Join(", ", known.Select(argument => argument.Name)))}.");
            var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : throw Refused($"The argument {name} of the prompt {prompt.Name} must be a text.");
            if (text.Length > 0 || argument.Required == true)
            {
                given[name] = text;
            }
        }

        return known.FirstOrDefault(argument => argument.Required == true && !given.ContainsKey(argument.Name)) is { } missing
            ? throw Refused($"The prompt {prompt.Name} needs the argument {missing.Name}.") : given;
    }
}
