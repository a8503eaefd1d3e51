using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tests.Rest;

namespace AgentMcp.Server.Tests.Hosting;

public sealed class The_page_about_settings
{
    [Fact]
    public void Has_a_row_for_each_setting_with_its_default_and_its_meaning()
    {
        var told = File.ReadLines(RepositoryFile.Path("docs/settings.md"))
            .SkipWhile(line => line != "| setting | default | meaning |").Skip(2).TakeWhile(line => line.StartsWith('|'));

        Assert.Equal(
            Settings.Known.Select(setting => $"| `{setting.Name}` |{(setting.Default is { } standard ? $" `{standard}`" : "")} | {setting.Meaning.Replace($"by {Path.PathSeparator}.", "by :.", StringComparison.Ordinal)} |"),
            told);
    }
}
