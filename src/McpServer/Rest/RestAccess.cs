using AgentMcp.Server.Access;
using AgentMcp.Server.Inbox;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Rest;

/// <summary>
/// Who may use the interface. Without authentication it is whoever can read the secret kept beside the database, and
/// so could use the command line as well; such a caller counts as a person. With it, the principal has been asked for
/// before anything gets here.
/// </summary>
internal sealed class RestAccess(string database, bool isAuthenticated)
{
    private const string Channel = "rest";
    private const string Scheme = "Bearer ";
    private readonly string _file = database + "-access";
    private readonly AccessSecret _secret = new(database + "-access");

    public static Principal Who(HttpContext context) => Principal.Of(context.User);

    public static Responder Caller(HttpContext context) => new Guest(Who(context), Channel).At(Channel);

    /// <summary>Null when the request shows what it has to; else a sentence on how to.</summary>
    public string? Problem(HttpRequest request) => isAuthenticated ? null : request.Headers.Authorization.ToString() switch
    {
        "" => $"This needs the access secret of this machine: send the header Authorization: Bearer SECRET, with what the file {_file} holds.",
        var header when header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase) && _secret.Is(header[Scheme.Length..].Trim()) => null,
        _ => $"That is not the access secret of this machine. It is what the file {_file} holds; send it as Authorization: Bearer SECRET.",
    };
}
