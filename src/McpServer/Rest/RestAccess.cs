using AgentMcp.Server.Inbox;
using AgentMcp.Server.Tools;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Rest;

/// <summary>
/// Who may use the interface, until authentication is configured: whoever can read the secret kept beside the
/// database, and so could use the command line as well. Such a caller counts as a person.
/// </summary>
internal sealed class RestAccess(string database)
{
    private const string Scheme = "Bearer ";
    private readonly string _file = database + "-access";
    private readonly AccessSecret _secret = new(database + "-access");

    public static Responder Caller { get; } = new(Principals.Local, "rest", IsHuman: true);

    /// <summary>Null when the request shows the secret; else a sentence on how to.</summary>
    public string? Problem(HttpRequest request) => request.Headers.Authorization.ToString() switch
    {
        "" => $"This needs the access secret of this machine: send the header Authorization: Bearer SECRET, with what the file {_file} holds.",
        var header when header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && _secret.Is(header[Scheme.Length..].Trim()) => null,
        _ => $"That is not the access secret of this machine. It is what the file {_file} holds; send it as Authorization: Bearer SECRET.",
    };
}
