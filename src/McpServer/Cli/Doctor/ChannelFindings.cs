using AgentMcp.Agents;
using AgentMcp.Agents.Files;
using AgentMcp.Server.Hosting;

namespace AgentMcp.Server.Cli.Doctor;

/// <summary>The channels that are configured, and those that something names and nobody has. Nothing is sent.</summary>
internal static class ChannelFindings
{
    private const string Name = "channels";

    public static IEnumerable<Finding> Of(Settings settings, MicroagentCatalog catalog)
    {
        foreach (var channel in settings.Channels)
        {
            yield return Finding.Ok(Name, $"{channel.Name}: {channel.Shown()}");
        }

        List<string> known = [.. settings.Channels.Select(channel => channel.Name)];
        foreach (var (named, who) in Named(settings, catalog).Where(one => !known.Contains(one.Name.ToLowerInvariant())).Distinct())
        {
            yield return Finding.Broken(Name, $"{who} names the channel '{named}', which is not configured{(known.Count == 0 ? "" : $"; there are {string.Join(", ", known)}")}. Nobody is told through it until it is: add it to channels in appsettings.json, or set AGENTMCP_CHANNELS__{named.ToUpperInvariant()}__TYPE.");
        }

        foreach (var (who, _, _) in Policies(settings, catalog).Where(one => one.People is { EscalateTo: not null, EscalateAfter: null } && one.Server.EscalateAfter is null))
        {
            yield return Finding.Note(Name, $"{who} has escalate_to and no escalate_after, so nothing is escalated: set it to a time such as {Duration.Example}.");
        }

        if (settings.PublicUrl is null && settings.Channels.Any(channel => channel.Type == "email"))
        {
            yield return Finding.Note(Name, "Mails link to this machine's own address. Set AGENTMCP_PUBLIC_URL to where people's browsers reach the inbox.");
        }
    }

    private static IEnumerable<(string Name, string Who)> Named(Settings settings, MicroagentCatalog catalog)
    {
        var intents = catalog.All.SelectMany(agent => agent.Intents.Select(intent => (Who: $"{intent.Name} of the agent {agent.Name}", intent.People)));
        return Policies(settings, catalog).Select(one => (one.Who, one.People)).Concat(intents)
            .SelectMany(one => (one.People.Channels ?? []).Concat(one.People.EscalateTo is { } other ? [other] : []), (one, name) => (name, one.Who));
    }

    private static IEnumerable<(string Who, PeoplePolicy People, PeoplePolicy Server)> Policies(Settings settings, MicroagentCatalog catalog) =>
        catalog.All.Select(agent => ($"the agent {agent.Name}", agent.People, settings.People)).Prepend(("the server (notify, escalate_to)", settings.People, settings.People));
}
