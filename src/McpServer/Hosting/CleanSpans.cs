using System.Diagnostics;
using AgentMcp.Agents.Tools;
using OpenTelemetry;

namespace AgentMcp.Server.Hosting;

/// <summary>Spans without secrets, also those that libraries make: they note an error in the words of whoever failed, which are a result.</summary>
internal sealed class CleanSpans(KnownSecrets secrets, bool holdContent) : BaseProcessor<Activity>
{
    public override void OnEnd(Activity data)
    {
        if (data.StatusDescription is { } said)
        {
            data.SetStatus(data.Status, holdContent ? ErrorText.Redacted(secrets.Of(said)) : null);
        }

        foreach (var (name, value) in data.TagObjects.ToList())
        {
            if (value is string text && secrets.Of(text) is var clean && clean != text)
            {
                data.SetTag(name, clean);
            }
        }
    }
}
