using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.ConformanceFixtures;

/// <summary>
/// The tools, prompts and resources that the conformance suite calls by name, added to those of the server. Made once;
/// the options of every request are given the same.
/// </summary>
internal sealed class Fixtures
{
    private readonly Lock _lock = new();
    private bool _added;

    public void Apply(McpServerOptions options)
    {
        lock (_lock)
        {
            if (!_added)
            {
                Add(options);
                _added = true;
            }
        }

        Watched.Apply(options);
        RequiredTask.Apply(options);
        options.Handlers.SetLoggingLevelHandler ??= (_, _) => ValueTask.FromResult(new EmptyResult());
    }

    private static void Add(McpServerOptions options)
    {
        var (tools, prompts) = (options.ToolCollection!, options.PromptCollection!);
        foreach (var tool in (IEnumerable<McpServerTool>)[.. ContentTools.All(), .. SessionTools.All(), .. FormTools.All(), .. InputRequiredTools.All(), .. ListTools.All(tools, prompts), new SchemaTool()])
        {
            tools.Add(tool);
        }

        foreach (var prompt in Prompts.All())
        {
            prompts.Add(prompt);
        }

        foreach (var resource in TestResources.All())
        {
            options.ResourceCollection!.Add(resource);
        }
    }

    public static McpServerTool Tool(string name, string description, Delegate body) => McpServerTool.Create(body, new() { Name = name, Description = description });

    public static CallToolResult Text(string text) => new() { Content = [new TextContentBlock { Text = text }] };
}
