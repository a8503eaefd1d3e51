using System.Text.Json;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.ConformanceFixtures;

/// <summary>Text, bytes, a template, and one to be followed.</summary>
internal static class TestResources
{
    public static IEnumerable<McpServerResource> All()
    {
        yield return McpServerResource.Create(
            ResourceContents () => new TextResourceContents { Uri = "test://static-text", MimeType = "text/plain", Text = "This is the content of the static text resource." },
            new() { UriTemplate = "test://static-text", Name = "static-text", Description = "Text.", MimeType = "text/plain" });
        yield return McpServerResource.Create(ResourceContents () => BlobResourceContents.FromBytes(ContentTools.Pixel, "test://static-binary", "image/png"),
            new() { UriTemplate = "test://static-binary", Name = "static-binary", Description = "An image.", MimeType = "image/png" });
        yield return McpServerResource.Create(ResourceContents (string id) => new TextResourceContents
        {
            Uri = $"test://template/{id}/data",
            MimeType = "application/json",
            Text = JsonSerializer.Serialize(new { id, templateTest = true, data = $"Data for ID: {id}" }),
        }, new() { UriTemplate = "test://template/{id}/data", Name = "template", Description = "Data of an id.", MimeType = "application/json" });
        yield return McpServerResource.Create(ResourceContents () => new TextResourceContents { Uri = Watched.Uri, MimeType = "text/plain", Text = "Followed." },
            new() { UriTemplate = Watched.Uri, Name = "watched-resource", Description = "A resource to follow.", MimeType = "text/plain" });
    }
}
