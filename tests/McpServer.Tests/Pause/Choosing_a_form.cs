using AgentMcp.Server.Protocol.Pause;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Pause;

public sealed class Choosing_a_form
{
    private static readonly ClientCapabilities Forms = new() { Elicitation = new() { Form = new() } };
    private static readonly ClientCapabilities UrlsOnly = new() { Elicitation = new() { Url = new() } };
    private static readonly ClientCapabilities Tasks = new() { Extensions = new Dictionary<string, object> { ["io.modelcontextprotocol/tasks"] = new() } };
    private static readonly string?[] Versions = [null, "2024-11-05", "2025-03-26", "2025-06-18", Ways.Sessions, Ways.Newest];

    [Fact]
    public void By_itself_it_is_what_the_client_declared_in_its_version()
    {
        Assert.Equal([PauseForm.Result, PauseForm.Result, PauseForm.Result, PauseForm.Elicitation, PauseForm.Elicitation, PauseForm.InputRequired], Of(PauseSetting.Auto, Forms));
        Assert.Equal(Of(PauseSetting.Auto, Forms), Of(PauseSetting.Elicit, Forms));
    }

    [Fact]
    [Trait("Accepts", "X.2")]
    public void What_the_client_did_not_declare_is_never_shown()
    {
        foreach (var setting in Enum.GetValues<PauseSetting>())
        {
            Assert.All(new[] { null, new ClientCapabilities(), UrlsOnly }, client => Assert.All(Of(setting, client), form => Assert.Equal(PauseForm.Result, form)));
        }
    }

    [Fact]
    public void The_plain_result_can_be_wanted() => Assert.All(Of(PauseSetting.Result, Forms), form => Assert.Equal(PauseForm.Result, form));

    [Fact]
    public void A_task_is_for_clients_of_the_newest_version_that_have_tasks()
    {
        Assert.Equal([PauseForm.Result, PauseForm.Result, PauseForm.Result, PauseForm.Result, PauseForm.Result, PauseForm.Task], Of(PauseSetting.Task, Tasks));
        Assert.All(Of(PauseSetting.Task, Forms), form => Assert.Equal(PauseForm.Result, form));
    }

    private static IEnumerable<PauseForm> Of(PauseSetting setting, ClientCapabilities? client) => Versions.Select(version => PauseForms.Choose(setting, version, client));
}
