using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Faults.Victim;

/// <summary>
/// An MCP server that the server under test starts over stdio, with one tool that must not be done twice: a new file every
/// time. It is gone with its pipe; and of some calls it dies itself, before or after the effect.
/// </summary>
internal static partial class Engraver
{
    public const string Tool = "engraver.engrave";
    private const int SigKill = 9;

    public static async Task<int> Run()
    {
        var home = Environment.GetEnvironmentVariable("FAULTS_WORLD")!;
        McpServerPrimitiveCollection<McpServerTool> tools =
            [McpServerTool.Create((RequestContext<CallToolRequestParams> request, string item) => Engrave(home, request, item), new() { Name = "engrave" })];
        await using var server = McpServer.Create(new StdioServerTransport("engraver"), new() { ServerInfo = new() { Name = "engraver", Version = "1" }, ToolCollection = tools });
        await server.RunAsync();
        return 0;
    }

    private static string Engrave(string home, RequestContext<CallToolRequestParams> request, string item)
    {
        var key = request.Params.Meta!["agentmcp/idempotency_key"]!.ToString();
        var folder = Directory.CreateDirectory(Path.Combine(home, "engraved", key.Replace('/', '+'))).FullName;
        // Which calls those are follows from their keys; what is started again is not cut off again.
        var (fate, marker) = (SHA256.HashData(Encoding.UTF8.GetBytes(key))[0] % 8, Path.Combine(home, "engraved", "died " + Path.GetFileName(folder)));
        Die(fate == 0);
        File.WriteAllText(Path.Combine(folder, Guid.NewGuid().ToString("N")), JsonSerializer.Serialize(new { item }));
        Die(fate == 1);
        return $"engraved {item}";

        void Die(bool now)
        {
            if (now && !File.Exists(marker))
            {
                File.WriteAllText(marker, "");
                _ = Kill(Environment.ProcessId, SigKill);
                Thread.Sleep(Timeout.Infinite);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);
}
