using System.Text;
using System.Text.Json;
using System.Xml.Linq;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Wire;

public sealed class Icons_are_listed(SharedServers servers)
{
    [Theory]
    [InlineData("tools/list", "tools")]
    [InlineData("prompts/list", "prompts")]
    public async Task Everything_that_is_listed_has_a_drawing_that_needs_no_fetching(string method, string member)
    {
        var server = await servers.Of(Transport.Http, Ways.Newest);

        var listed = (await server.Send(method)).GetProperty(member).EnumerateArray().ToList();

        Assert.NotEmpty(listed);
        Assert.All(listed, one => IsDrawing(one.GetProperty("icons")));
    }

    private static void IsDrawing(JsonElement icons)
    {
        const string Start = "data:image/svg+xml;base64,";
        var icon = Assert.Single(icons.EnumerateArray());
        var source = icon.GetProperty("src").GetString()!;
        Assert.Equal(("image/svg+xml", "any", true), (icon.GetProperty("mimeType").GetString(), icon.GetProperty("sizes")[0].GetString(), source.StartsWith(Start, StringComparison.Ordinal)));
        Assert.Equal("svg", XDocument.Parse(Encoding.ASCII.GetString(Convert.FromBase64String(source[Start.Length..]))).Root!.Name.LocalName);
    }
}
