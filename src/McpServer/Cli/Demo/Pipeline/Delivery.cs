namespace AgentMcp.Server.Cli.Demo.Pipeline;

/// <summary>What an environment of the shop serves, asked over HTTP.</summary>
internal sealed record Served(string Page, string Backend, string Frontend)
{
    public static async Task<Served> By(ShopService service, CancellationToken cancellation)
    {
        var version = System.Text.Json.JsonElement.Parse(await service.Get("/version", cancellation).ConfigureAwait(false));
        return new(await service.Get("/", cancellation).ConfigureAwait(false), version.GetProperty("backend").GetString()!, version.GetProperty("frontend").GetString()!);
    }

    public string Words => $"backend {Backend[..7]}, frontend {Frontend[..7]}, and the page says \"{Page.Split("<p>")[^1].Split("</p>")[0]}\"";
}

/// <summary>One commit on its way through the pipeline, as it was seen from outside.</summary>
internal sealed class Delivery
{
    public required string Sha { get; init; }

    /// <summary>The message of the commit.</summary>
    public required string Title { get; init; }

    /// <summary>What production served before.</summary>
    public required Served Before { get; init; }

    public required WireThread Last { get; set; }

    /// <summary>Whether the first call returned with an approval that is asked two threads deep.</summary>
    public required bool AskedBelow { get; init; }

    /// <summary>Whether staging served the commit and production was untouched while the first approval was open.</summary>
    public required bool OnStagingOnly { get; init; }

    public List<GivenAnswer> Answers { get; } = [];

    /// <summary>How the server that was killed ended, and where the next one was found.</summary>
    public (int ExitCode, string Next)? Killed { get; set; }

    /// <summary>Version and open request, as the killed server left them and as the next one knew them.</summary>
    public ((int, string?) Left, (int, string?) Found)? AcrossServers { get; set; }

    public (World Before, World After)? Repetition { get; set; }

    public Served After { get; set; } = new("", "", "");

    /// <summary>The pipeline's thread and those it called, with their events.</summary>
    public List<WireThread> Threads { get; } = [];

    public IEnumerable<WireAction> Approved => Answers.Where(given => given.Answer.Approved == true).Select(given => given.Request.Action).OfType<WireAction>();

    public string? Outcome => WireThread.Text(Last.Output, "outcome");

    /// <summary>Everything that an answer given twice could have done twice.</summary>
    public sealed record World(int Root, int Asked, int Tags, int Switches);
}
