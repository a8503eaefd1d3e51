using System.ComponentModel;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.ConformanceFixtures;

/// <summary>One prompt for each kind of content a message may hold, and one that asks first.</summary>
internal static class Prompts
{
    public static IEnumerable<McpServerPrompt> All()
    {
        yield return Prompt("test_simple_prompt", () => Says(new TextContentBlock { Text = "This is a simple prompt for testing." }));
        yield return Prompt("test_prompt_with_arguments", ([Description("The first.")] string arg1, [Description("The second.")] string arg2) =>
            Says(new TextContentBlock { Text = $"Prompt with arguments: arg1='{arg1}', arg2='{arg2}'" }));
        yield return Prompt("test_prompt_with_embedded_resource", ([Description("What to embed.")] string resourceUri) => Says(
            ContentTools.Embedded(resourceUri, "text/plain", "Embedded resource content for testing."), new TextContentBlock { Text = "Please process the embedded resource above." }));
        yield return Prompt("test_prompt_with_image", () => Says(ContentTools.Image(), new TextContentBlock { Text = "Please analyze the image above." }));
        yield return Prompt("test_input_required_result_prompt", (RequestContext<GetPromptRequestParams> request) =>
            InputRequiredTools.Filled(request.Params.InputResponses, "user_context") is { } form
                ? Says(new TextContentBlock { Text = $"Use this: {form["context"]}" })
                : throw InputRequiredTools.Need(null, ("user_context", InputRequiredTools.Form("What context should the prompt use?", "context"))));
    }

    private static McpServerPrompt Prompt(string name, Delegate body) => McpServerPrompt.Create(body, new() { Name = name, Description = "A prompt of the suite." });

    private static GetPromptResult Says(params ContentBlock[] content) => new() { Messages = [.. content.Select(block => new PromptMessage { Role = Role.User, Content = block })] };
}
