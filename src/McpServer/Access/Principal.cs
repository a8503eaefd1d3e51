using System.Security.Claims;

namespace AgentMcp.Server.Access;

/// <summary>What a principal may do. Admin is all of it.</summary>
[Flags]
internal enum Roles
{
    None = 0,

    /// <summary>Start agents, and see and go on with the threads that come of it.</summary>
    Run = 1,

    /// <summary>See the threads of everybody.</summary>
    Read = 2,

    /// <summary>Answer as a person what the threads of anybody ask.</summary>
    Approve = 4,

    /// <summary>Everything: also cancel and fork the threads of others.</summary>
    Admin = 8,
}

/// <summary>Who is calling: told from the connection, never from what is said over it.</summary>
/// <param name="Id">The name that threads and answers bear.</param>
/// <param name="Agents">The agents it is limited to; null for no such limit.</param>
/// <param name="Key">The key it showed; null when it showed none.</param>
/// <param name="Until">When it is no longer let in.</param>
internal sealed record Principal(string Id, Roles Roles, IReadOnlyCollection<string>? Agents = null, string? Key = null, DateTimeOffset? Until = null)
{
    private static readonly (Roles Role, string Name)[] Known = [(Roles.Run, "run"), (Roles.Read, "read"), (Roles.Approve, "approve"), (Roles.Admin, "admin")];

    /// <summary>Whoever uses this machine as the user that runs the program. Nobody asked who that is.</summary>
    public static Principal Local { get; } = new(Tools.Principals.Local, Roles.Admin) { IsAuthenticated = false };

    public bool IsAuthenticated { get; private init; } = true;

    /// <summary>Whether what concerns the whole server is for it: an admin of some agents only is none of the others.</summary>
    public bool SeesAll => Has(Roles.Admin) && Agents is null;

    /// <summary>What it says counts as a person's, whatever brings it: keys and tokens with this role are given to people.</summary>
    public bool IsApprover => IsAuthenticated && Has(Roles.Approve);

    public static IEnumerable<string> RoleNames => Known.Select(known => known.Name);

    public static Roles? RoleOf(string name) => Known.FirstOrDefault(known => known.Name == name) is { Name: not null } known ? known.Role : null;

    /// <summary>Names that would be taken for something else: a role, this machine, a thread.</summary>
    public static bool IsReserved(string id) =>
        string.Equals(id, Tools.Principals.Local, StringComparison.OrdinalIgnoreCase) || RoleNames.Contains(id, StringComparer.OrdinalIgnoreCase) || id.StartsWith("thr_", StringComparison.OrdinalIgnoreCase);

    public bool Has(Roles role) => (Roles & (role | Roles.Admin)) != 0;

    public string RolesText => string.Join(", ", Known.Where(known => Roles.HasFlag(known.Role)).Select(known => known.Name));

    /// <exception cref="InvalidOperationException">The transport let somebody in without saying who: a defect, and nobody is let further.</exception>
    public static Principal Of(ClaimsPrincipal? user) => user?.Identity is PrincipalIdentity { Principal: var known } ? known
        : throw new InvalidOperationException("A request came in without a principal.");
}

/// <summary>A principal as the framework and the SDK carry it. The SDK binds a session to its subject.</summary>
internal sealed class PrincipalIdentity(Principal principal)
    : ClaimsIdentity([new("sub", principal.Id), new("name", principal.Id)], "agentmcp", "name", "role")
{
    public static ClaimsPrincipal Local { get; } = new(new PrincipalIdentity(Principal.Local));

    public Principal Principal => principal;
}
