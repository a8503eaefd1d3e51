using System.Collections.Concurrent;
using System.Text.Json;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Json;
using ModelContextProtocol;
using ModelContextProtocol.Client;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.Pause;

/// <summary>A client whose host shows forms. What its person does with each is said by the test, in order.</summary>
public sealed class FormHost : IAsyncDisposable
{
    public delegate Task<ElicitResult> Person(ElicitRequestParams form, CancellationToken takenBack);

    private const string June = "2025-06-18";
    private ConcurrentQueue<Person> _person = new();
    private ConcurrentQueue<ElicitRequestParams> _shown = new();

    private FormHost(IEnumerable<Person> person) => Expect(person);

    /// <summary>Every transport with every version of the protocol that has forms.</summary>
    public static TheoryData<Transport, string> Ways => new(
        from transport in Enum.GetValues<Transport>()
        from protocol in new[] { June, Running.Ways.Sessions, Running.Ways.Newest }
        select (transport, protocol));

    /// <summary>Those in which the call is held while the form is shown.</summary>
    public static TheoryData<Transport, string> Sessions => new(
        from transport in Enum.GetValues<Transport>()
        from protocol in new[] { June, Running.Ways.Sessions }
        select (transport, protocol));

    public RunningServer Server { get; private set; } = null!;

    public IEnumerable<ElicitRequestParams> Shown => _shown;

    public IEnumerable<string> Messages => _shown.Select(form => form.Message);

    /// <param name="settings">Wants a server process of its own.</param>
    public static async Task<FormHost> Start(
        SharedServers servers, Transport transport, string protocol, IReadOnlyDictionary<string, string>? settings, params IEnumerable<Person> person)
    {
        var host = new FormHost(person);
        var options = new McpClientOptions { Handlers = new() { ElicitationHandler = host.Show } };
        host.Server = transport == Transport.Http && settings is null
            ? await (await servers.Of(Transport.Http, Running.Ways.Sessions)).Again(protocol, options)
            : await RunningServer.Start(transport, servers.DatabaseOf(transport, Running.Ways.Sessions), protocol,
                servers.Settings.Concat(settings ?? new Dictionary<string, string>()).ToDictionary(), options);
        return host;
    }

    public static Task<FormHost> Start(SharedServers servers, Transport transport, string protocol, params IEnumerable<Person> person) =>
        Start(servers, transport, protocol, null, person);

    /// <summary>Forgets what was shown, and has this done with what will be.</summary>
    public FormHost Expect(IEnumerable<Person> person)
    {
        (_person, _shown) = (new(person), new());
        return this;
    }

    public static Person Fills(object content) => (_, _) => Task.FromResult(new ElicitResult
    {
        Action = "accept",
        Content = JsonSerializer.SerializeToElement(content).EnumerateObject().ToDictionary(field => field.Name, field => field.Value),
    });

    public static Person Does(string action) => (_, _) => Task.FromResult(new ElicitResult { Action = action });

    /// <summary>The requested schema of the latest form.</summary>
    public JsonText Schema => JsonText.From(JsonSerializer.SerializeToElement(_shown.Last().RequestedSchema, McpJsonUtilities.DefaultOptions));

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private async ValueTask<ElicitResult> Show(ElicitRequestParams? form, CancellationToken takenBack)
    {
        _shown.Enqueue(form!);
        return _person.TryDequeue(out var person) ? await person(form!, takenBack) : new() { Action = "cancel" };
    }
}

/// <summary>One such host for each way in, for tests of a class, which come one after the other.</summary>
public sealed class FormHosts(SharedServers servers) : IAsyncDisposable
{
    private readonly Dictionary<(Transport, string), FormHost> _hosts = [];

    public async Task<FormHost> Of(Transport transport, string protocol, params IEnumerable<FormHost.Person> person) =>
        (_hosts.TryGetValue((transport, protocol), out var host) ? host : _hosts[(transport, protocol)] = await FormHost.Start(servers, transport, protocol)).Expect(person);

    public async ValueTask DisposeAsync()
    {
        foreach (var host in _hosts.Values)
        {
            await host.DisposeAsync();
        }
    }
}
