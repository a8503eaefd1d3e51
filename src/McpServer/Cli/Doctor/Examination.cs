using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;
using AgentMcp.Agents;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Microagents.Pipeline;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Tools;
using AgentMcp.Server.Hosting;
using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Cli.Doctor;

/// <summary>Everything that can be told to be wrong before an agent runs into it. Changes nothing.</summary>
internal static class Examination
{
    private static readonly TimeSpan TargetPatience = TimeSpan.FromSeconds(10);

    public static async Task<IReadOnlyList<Finding>> Of(Settings settings, CancellationToken cancellation)
    {
        var catalog = BuiltIn.Catalog(settings);
        var git = await Git(settings.Deploy.Local?.Git ?? "git", needed: settings.Deploy.Local is not null, cancellation).ConfigureAwait(false);
        return
        [
            Finding.Ok("program", $"agentmcp {Hosting.Version.Current}, {RuntimeInformation.FrameworkDescription}, SQLite {DatabaseFinding.SqliteVersion()}, schema {Database.LatestVersion}, {RuntimeInformation.OSDescription}"),
            DatabaseFinding.Of(settings.Database),
            .. Models(settings, catalog),
            .. Agents(catalog),
            .. ChannelFindings.Of(settings, catalog),
            .. await UpstreamFindings.Of(settings, catalog, cancellation).ConfigureAwait(false),
            .. TriggerFindings.Of(settings, catalog),
            .. settings.Access.OpenDoors is { } open ? [Finding.Broken("bind", open)] : Array.Empty<Finding>(),
            .. settings.Access.Mistakes([.. catalog.Every.Select(agent => agent.Name)]).Select(mistake => Finding.Broken("allow", mistake)),
            git,
            git.Health == Health.Broken ? Finding.Broken("deploybot", "It needs git.") : await Deploys(settings.Deploy, cancellation).ConfigureAwait(false),
            Pipeline(settings),
        ];
    }

    private static IEnumerable<Finding> Models(Settings settings, MicroagentCatalog catalog)
    {
        var models = new ModelChoice(settings.Models, TimeProvider.System);
        yield return Model(models, null, "model");
        foreach (var agent in catalog.All.Where(agent => agent.Model is not null))
        {
            yield return Model(models, agent.Model, $"model of {agent.Name}");
        }
    }

    private static Finding Model(ModelChoice models, string? spec, string what)
    {
        try
        {
            return models.For(spec) switch
            {
                CallerModel { Name: CallerModel.Sampling } => Finding.Ok(what, "sampling: the model of the client where it offers that; else whoever calls an agent is asked for each step"),
                CallerModel => Finding.Ok(what, "caller: whoever calls an agent is asked for each step"),
                RulesModel => Finding.Ok(what, "rules: built-in decision tables for calculator, deploybot and rollback, no model"),
                var chat => Finding.Ok(what, $"{chat.Name}: set up; whether its provider answers shows in the first call"),
            };
        }
        catch (ModelException e)
        {
            return Finding.Broken(what, e.Message);
        }
    }

    private static IEnumerable<Finding> Agents(MicroagentCatalog catalog) =>
        catalog.Problems.Select(problem => Finding.Broken("agents", problem))
            .Concat(catalog.Notes.Select(note => Finding.Note("agents", note)))
            .Prepend(Finding.Ok("agents", string.Join(", ", catalog.All.Select(agent => agent.Name))));

    private static async Task<Finding> Git(string program, bool needed, CancellationToken cancellation)
    {
        try
        {
            using var git = Process.Start(new ProcessStartInfo(program, ["--version"]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
            var version = await git.StandardOutput.ReadToEndAsync(cancellation).ConfigureAwait(false);
            await git.WaitForExitAsync(cancellation).ConfigureAwait(false);
            return Finding.Ok("git", version.Trim());
        }
        catch (Win32Exception)
        {
            var missing = $"The program '{program}' was not found. Install git and put it on the PATH; deploybot on a local repository and agentmcp demo need it.";
            return needed ? Finding.Broken("git", missing) : Finding.Note("git", missing);
        }
    }

    private static Finding Pipeline(Settings settings) => (settings.Pipeline, PipelineWorld.Missing(settings.Pipeline, settings.Deploy.Local)) switch
    {
        ({ Staging: null, Production: null }, { } missing) => Finding.Note("pipeline", $"It is not set up: it needs {missing}."),
        (_, { } missing) => Finding.Broken("pipeline", $"It still needs {missing}."),
        var (set, _) => Finding.Ok("pipeline", $"tests staging at {set.Staging} and production at {set.Production}"),
    };

    private static async Task<Finding> Deploys(DeploySettings settings, CancellationToken cancellation)
    {
        const string Name = "deploybot";
        var from = settings.Local?.Repository ?? settings.GitHub?.Repository;
        if (from is null)
        {
            return Finding.Note(Name, "It has nothing to deploy: set AGENTMCP_DEPLOY_REPO to a git repository, or AGENTMCP_DEPLOY_GITHUB to owner/name.");
        }

        using var http = new HttpClient { Timeout = TargetPatience };
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(TargetPatience);
        try
        {
            var target = DeployTarget.From(settings, new(http), TimeProvider.System);
            await target.Commits(1, limit.Token).ConfigureAwait(false);
            await target.LiveBackend(limit.Token).ConfigureAwait(false);
            var frontend = settings.Local is { Releases: null } ? "no frontend" : $"{(await target.Deployments(limit.Token).ConfigureAwait(false)).Count} frontend deployments";
            return Finding.Ok(Name, $"deploys {from}, {frontend}");
        }
        catch (ToolException e)
        {
            return Finding.Broken(Name, e.Message);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return Finding.Broken(Name, $"{from} did not answer within {TargetPatience.TotalSeconds:0} seconds.");
        }
    }
}
