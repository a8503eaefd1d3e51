using System.Net;
using System.Net.Sockets;

namespace AgentMcp.Faults.World;

/// <summary>A port for a server that is started again and again at one address: below those that the system gives away meanwhile.</summary>
internal static class Ports
{
    public static int Free() => Enumerable.Range(0, 1000).Select(_ => Random.Shared.Next(20_000, 32_000)).First(IsFree);

    private static bool IsFree(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        try
        {
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
