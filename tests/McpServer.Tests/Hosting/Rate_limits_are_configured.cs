using System.Text;
using System.Text.RegularExpressions;
using AgentMcp.Agents.Models;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tests.Rest;
using Microsoft.Extensions.Configuration;

namespace AgentMcp.Server.Tests.Hosting;

public sealed partial class Rate_limits_are_configured
{
    [Fact]
    public async Task The_example_of_the_page_is_what_it_says()
    {
        var page = await File.ReadAllTextAsync(RepositoryFile.Path("docs/models.md"), TestContext.Current.CancellationToken);

        var rates = Read(Json().Matches(page).Select(match => match.Groups[1].Value).Single(block => block.Contains("rate_limits", StringComparison.Ordinal)));

        Assert.Equal([("anthropic", new RateLimit(50, 40_000, 4)), ("openai", new RateLimit(500))], rates.Select(rate => (rate.Key, rate.Value)).OrderBy(rate => rate.Key));
    }

    [Theory]
    [InlineData("""{"rate_limits":{"mistral":{"requests":1}}}""", "The setting rate_limits knows no provider 'mistral'; there are anthropic, openai, azure.")]
    [InlineData("""{"rate_limits":{"openai":{"request":1}}}""", "The setting rate_limits knows no limit of openai 'request'; there are requests, tokens, concurrent.")]
    [InlineData("""{"rate_limits":{"openai":{"requests":"many"}}}""", "The setting rate_limits:openai:requests must be a whole number of at least 1, not 'many'.")]
    [InlineData("""{"rate_limits":{"openai":{"tokens":0}}}""", "The setting rate_limits:openai:tokens must be a whole number of at least 1, not '0'.")]
    public void One_that_cannot_be_kept_stops_the_start_with_what_is_wrong(string json, string message) =>
        Assert.Equal(message, Assert.Throws<SettingsException>(() => Read(json)).Message);

    private static IReadOnlyDictionary<string, RateLimit> Read(string json) =>
        RateSettings.Read(new ConfigurationBuilder().AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes(json))).Build().GetSection("rate_limits"));

    [GeneratedRegex(@"^```json\r?\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Json();
}
