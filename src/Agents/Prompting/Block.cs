using AgentMcp.State.Json;

namespace AgentMcp.Agents.Prompting;

/// <summary>One block of a prompt.</summary>
/// <param name="Tag">An intent, an intent with <c>_result</c>, or what happened, such as <c>human_response</c>.</param>
/// <param name="Content">What there is to show: the arguments, the result, the words. Nothing else of the event.</param>
/// <param name="Body">The content as it is shown.</param>
public sealed record Block(string Tag, JsonText Content, string Body);

/// <summary>
/// What stands in a block instead of its usual body; null to leave the block out. It must be pure: the same block, the
/// same text, whatever the time, place and process. Tags in what it gives are made inert.
/// </summary>
public delegate string? Renderer(Block block);
