namespace AgentMcp.Server.Protocol.Pause;

/// <param name="HasSelects">
/// From 2025-11-25 on a choice may have titles as <c>oneOf</c> and several of a list may be chosen; before it, titles
/// are <c>enumNames</c> and there are no lists.
/// </param>
internal readonly record struct FormDialect(bool HasSelects)
{
    public static FormDialect Of(string? protocol) => new(string.CompareOrdinal(protocol, "2025-11-25") >= 0);
}
