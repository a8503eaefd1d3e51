namespace AgentMcp.Server.Cli.Demo.Pipeline;

/// <summary><c>agentmcp demo --pipeline</c>.</summary>
internal static class PipelineDemo
{
    /// <summary>Of the script: two for the commit that stays, two for the one that does not, two to take it back.</summary>
    private const int Approvals = 6;

    public static async Task<int> Run(Screen screen, bool unattended, bool keep, CancellationToken cancellation)
    {
        var folder = Directory.CreateTempSubdirectory("agentmcp-demo-").FullName;
        try
        {
            return await Run(screen, ShopGround.At(folder), unattended ? null : screen.Person, keep, cancellation).ConfigureAwait(false);
        }
        finally
        {
            if (!keep)
            {
                DemoGit.Delete(folder);
            }
        }
    }

    private static async Task<int> Run(Screen screen, ShopGround ground, Spectre.Console.IAnsiConsole? person, bool keep, CancellationToken cancellation)
    {
        await ground.Open(cancellation).ConfigureAwait(false);
        var staging = await ShopService.Start(ground.Folder, ShopSite.Staging, cancellation).ConfigureAwait(false);
        await using var _ = staging.ConfigureAwait(false);
        var production = await ShopService.Start(ground.Folder, ShopSite.Production, cancellation).ConfigureAwait(false);
        await using var __ = production.ConfigureAwait(false);

        screen.Line("From a merge to tested production, and back when the tests fail", Tone.Strong);
        screen.Line(person is null
            ? "Unattended: the first proposal is rejected with \"deploy the backend first\", the rest is approved. The agents run on built-in rules, no model."
            : "You decide what is deployed, and what is taken back. The agents run on built-in rules, no model.", Tone.Dim);
        var deliveries = await new PipelineStory(ground, staging, production, screen, person is null ? DemoCommand.Script(Approvals) : DemoCommand.Ask(person), cancellation).Tell().ConfigureAwait(false);
        Check[] checks = [.. PipelineFacts.Checks(deliveries, await ground.ProductionTags(cancellation).ConfigureAwait(false), ground.Switches)];
        return DemoChecks.Show(screen, checks, keep ? ground.Setup(staging, production) : null);
    }
}
