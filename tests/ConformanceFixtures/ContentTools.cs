using ModelContextProtocol;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.ConformanceFixtures;

/// <summary>One tool for each kind of content a result may hold, and one that fails.</summary>
internal static class ContentTools
{
    /// <summary>A PNG of one red pixel.</summary>
    public static byte[] Pixel { get; } = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==");

    // A WAV header and not one sample.
    private static readonly byte[] Silence =
        [.. "RIFF"u8, 36, 0, 0, 0, .. "WAVEfmt "u8, 16, 0, 0, 0, 1, 0, 1, 0, 64, 31, 0, 0, 64, 31, 0, 0, 1, 0, 8, 0, .. "data"u8, 0, 0, 0, 0];

    public static IEnumerable<McpServerTool> All()
    {
        yield return Fixtures.Tool("test_simple_text", "Returns text.", () => Fixtures.Text("This is a simple text response for testing."));
        yield return Fixtures.Tool("test_image_content", "Returns an image.", () => Result(Image()));
        yield return Fixtures.Tool("test_audio_content", "Returns a sound.", () => Result(AudioContentBlock.FromBytes(Silence, "audio/wav")));
        yield return Fixtures.Tool("test_embedded_resource", "Returns a resource.",
            () => Result(Embedded("test://embedded-resource", "text/plain", "This is an embedded resource content.")));
        yield return Fixtures.Tool("test_multiple_content_types", "Returns text, an image and a resource.", () => Result(
            new TextContentBlock { Text = "Multiple content types test:" }, Image(), Embedded("test://mixed-content-resource", "application/json", """{"test":"data","value":123}""")));
        yield return Fixtures.Tool("test_error_handling", "Always fails.", CallToolResult () => throw new McpException("This tool intentionally returns an error for testing"));
        yield return Fixtures.Tool("greet", "Says hello, at once.", (string name) => Fixtures.Text($"Hello, {name}!"));
    }

    public static ImageContentBlock Image() => ImageContentBlock.FromBytes(Pixel, "image/png");

    public static EmbeddedResourceBlock Embedded(string uri, string type, string text) => new() { Resource = new TextResourceContents { Uri = uri, MimeType = type, Text = text } };

    private static CallToolResult Result(params ContentBlock[] content) => new() { Content = [.. content] };
}
