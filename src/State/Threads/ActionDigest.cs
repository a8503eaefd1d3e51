using System.Security.Cryptography;
using System.Text;
using AgentMcp.State.Json;

namespace AgentMcp.State.Threads;

public static class ActionDigest
{
    /// <summary>SHA-256 over the tool's name, a line feed and the canonical arguments, as <c>sha256:</c> and hex.</summary>
    public static string Of(string tool, JsonText arguments) =>
        "sha256:" + Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{tool}\n{arguments.Text}")));

    public static BoundAction Bind(string tool, JsonText arguments) => new(tool, arguments, Of(tool, arguments));
}
