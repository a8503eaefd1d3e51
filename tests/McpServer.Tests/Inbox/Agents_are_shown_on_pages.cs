using System.Net;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Inbox;

public sealed class Agents_are_shown_on_pages : IDisposable
{
    private readonly TestFolder _folder = new();

    [Fact]
    [Trait("Accepts", "F2.3")]
    public async Task With_what_is_wrong_with_a_file_and_what_of_one_does_not_hold()
    {
        Write("good.agent.md", "---\nname: good\ndescription: Is good.\n---\nx");
        Write("broken.agent.md", "---\nname: broken\ndescription: Is broken.\ntools: [ad]\n---\nx");
        Write("claude.md", "---\nname: claude\ndescription: Is of Claude Code.\ntools: Read\n---\nx");
        await using var server = await RunningServer.Start(Transport.Http, _folder.Database, Ways.Newest, new Dictionary<string, string> { ["agents"] = _folder.Path });
        using var person = await Visitor.SignedIn(server.Url!, _folder.Database);

        var page = WebUtility.HtmlDecode(await person.Page("/agents"));

        Assert.Contains("Is good.", page, StringComparison.Ordinal);
        Assert.Contains($"<strong>Some could not be loaded:</strong></p><ul><li>{_folder.Path}/broken.agent.md:4: unknown tool 'ad'; did you mean 'add'?</li></ul>", page, StringComparison.Ordinal);
        Assert.Contains($"<li>{_folder.Path}/claude.md:1: 'claude' was read as a Claude Code subagent, without what has nothing like it here: tool Read</li>", page, StringComparison.Ordinal);
    }

    public void Dispose() => _folder.Dispose();

    private void Write(string file, string text) => File.WriteAllText(Path.Combine(_folder.Path, file), text);
}
