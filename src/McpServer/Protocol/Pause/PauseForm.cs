using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Protocol.Pause;

/// <summary>How a request that waits for a person is shown to the client whose call came upon it.</summary>
internal enum PauseForm
{
    /// <summary>The plain pending result, which every client gets and every other form ends in.</summary>
    Result,

    /// <summary><c>elicitation/create</c> while the call is held: sessions of 2025-06-18 and 2025-11-25.</summary>
    Elicitation,

    /// <summary>An <c>input_required</c> result, and the call made again: 2026-07-28.</summary>
    InputRequired,

    /// <summary>A task of the Tasks extension, which shows the requests of its thread itself; the call in it shows none.</summary>
    Task,
}

/// <summary>What the server was told to use.</summary>
internal enum PauseSetting
{
    Auto,
    Result,
    Elicit,
    Task,
}

internal static class PauseForms
{
    public const string Tasks = "io.modelcontextprotocol/tasks";

    /// <summary>Never a form the client did not declare, nor one its version of the protocol does not have.</summary>
    public static PauseForm Choose(PauseSetting setting, string? protocol, ClientCapabilities? client) => setting switch
    {
        PauseSetting.Result => PauseForm.Result,
        PauseSetting.Task => IsFrom("2026-07-28", protocol) && client?.Extensions?.ContainsKey(Tasks) == true ? PauseForm.Task : PauseForm.Result,
        _ when client?.Elicitation?.Form is null => PauseForm.Result,
        _ when IsFrom("2026-07-28", protocol) => PauseForm.InputRequired,
        _ when IsFrom("2025-06-18", protocol) => PauseForm.Elicitation,
        _ => PauseForm.Result,
    };

    /// <summary>How the client's own model is asked for a step; as a plain result where it offers none.</summary>
    public static PauseForm Sampling(string? protocol, ClientCapabilities? client) => client switch
    {
#pragma warning disable MCP9005 // Going away one day; clients of today have it.
        { Sampling: not null } => IsFrom("2026-07-28", protocol) ? PauseForm.InputRequired : PauseForm.Elicitation,
#pragma warning restore MCP9005
        _ => PauseForm.Result,
    };

    private static bool IsFrom(string version, string? protocol) => string.CompareOrdinal(protocol, version) >= 0;
}
