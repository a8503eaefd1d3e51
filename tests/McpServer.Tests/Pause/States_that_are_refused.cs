using AgentMcp.Server.Tests.Running;
using static AgentMcp.Server.Tests.Pause.InputRequired;

namespace AgentMcp.Server.Tests.Pause;

/// <summary>A state that this server did not give to this caller for this call is refused before anything is done with it.</summary>
public sealed class States_that_are_refused(SharedServers servers)
{
    private const string NotOurs = "The requestState is not one that this server gave. Call the tool again without it.";
    private const string OtherCall = "The requestState belongs to a call of another tool or with other arguments. Make the same call again, or one without it.";
    private static readonly object Divide = new { message = "divide 3 by 4" };

    [Theory]
    [Trait("Accepts", "P.4")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task Made_up_changed_cut_or_of_another_server(Transport transport)
    {
        using var folder = new TestFolder();
        await using var client = await Client(transport);
        await using var foreign = Over(folder.Database, servers.Settings);
        var (state, request) = Wanted(await client.Call("calculator", Divide));
        var (theirs, other) = Wanted(await foreign.Call("calculator", Divide));
        var cut = state.IndexOf('.', StringComparison.Ordinal);
        string[] bad = ["", ".", "x", "e30.e30", state[..cut], state[..^1], state + "A", state + ".", $"A{state[1..]}", $"{state[..cut]}.{theirs.Split('.')[1]}", theirs, state.ToUpperInvariant(), "not base64.é"];

        foreach (var made in bad)
        {
            Assert.Equal((-32602, NotOurs), Refused(await client.Call("calculator", Divide, made, (request, Approves))));
        }

        Assert.Equal((-32602, NotOurs), Refused(await client.Call("calculator", Divide, theirs, (other, Approves))));
        Assert.Equal(3, (await Thread(client, request)).GetProperty("version").GetInt32());
    }

    [Fact]
    public async Task An_answer_of_null_answers_nothing_and_breaks_nothing()
    {
        await using var client = await Client(Transport.Http);
        var (state, request) = Wanted(await client.Call("calculator", Divide));

        var again = Wanted(await client.Call("calculator", Divide, state, (request, null!)));

        Assert.Equal(request, again.Request);
        Assert.Equal(3, (await Thread(client, request)).GetProperty("version").GetInt32());
    }

    [Theory]
    [Trait("Accepts", "P.5")]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task Of_another_call(Transport transport)
    {
        await using var client = await Client(transport);
        var (state, request) = Wanted(await client.Call("calculator", Divide));

        Assert.Equal((-32602, OtherCall), Refused(await client.Call("calculator", new { message = "divide 4 by 4" }, state, (request, Approves))));
        Assert.Equal((-32602, OtherCall), Refused(await client.Call("calculator", new { message = "divide 3 by 4", wait_seconds = 1 }, state, (request, Approves))));
        Assert.Equal((-32602, OtherCall), Refused(await client.Call("invoke_agent", new { agent = "calculator", input = Divide }, state, (request, Approves))));

        Assert.Equal(3, (await Thread(client, request)).GetProperty("version").GetInt32());
    }

    [Theory]
    [InlineData(Transport.Stdio)]
    [InlineData(Transport.Http)]
    public async Task Expired(Transport transport)
    {
        using var folder = new TestFolder();
        var settings = new Dictionary<string, string>(servers.Settings) { ["form_lifetime"] = "0" };
        await using var server = transport == Transport.Http ? await RunningServer.Start(transport, folder.Database, settings: settings) : null;
        await using var client = server is null ? Over(folder.Database, settings) : Over(server.Url!);
        var (state, request) = Wanted(await client.Call("calculator", Divide));

        var (code, message) = Refused(await client.Call("calculator", Divide, state, (request, Approves)));

        Assert.Equal(-32602, code);
        Assert.Matches("^The requestState has expired; nothing was lost. Call wait_thread with thread_id \"thr_[0-9a-f]{32}\" to see where the thread stands.$", message);
        var pending = Plain(await client.Call("list_threads", new { status = "pending" }));
        Assert.Equal(3, pending.GetProperty("threads").EnumerateArray().Single().GetProperty("version").GetInt32());
    }

    // The request's id names its thread.
    private static async Task<System.Text.Json.JsonElement> Thread(InputRequired client, string request) =>
        Plain(await client.Call("get_thread", new { thread_id = $"thr_{request.Split('_')[1]}" }));

    private async Task<InputRequired> Client(Transport transport) => transport == Transport.Http
        ? Over((await servers.Of(Transport.Http, Ways.Sessions)).Url!)
        : Over(servers.DatabaseOf(Transport.Stdio, Ways.Sessions), servers.Settings);
}
