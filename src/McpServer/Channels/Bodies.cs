using Microsoft.AspNetCore.Http;

namespace AgentMcp.Server.Channels;

internal static class Bodies
{
    /// <summary>The body as the bytes that were signed. Kestrel refuses one that is too large.</summary>
    public static async Task<byte[]> Read(HttpContext context)
    {
        using var bytes = new MemoryStream();
        await context.Request.Body.CopyToAsync(bytes, context.RequestAborted).ConfigureAwait(false);
        return bytes.ToArray();
    }
}
