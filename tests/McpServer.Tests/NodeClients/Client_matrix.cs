using System.Text;
using System.Text.Json;
using AgentMcp.Server.Tests.Pause;
using AgentMcp.Server.Tests.Running;
using ModelContextProtocol.Protocol;

namespace AgentMcp.Server.Tests.NodeClients;

/// <summary>
/// Client x transport x protocol version x form, with what was seen. The table in docs/clients.md is what this run
/// saw; with AGENTMCP_WRITE_DOCS=1 the run writes it anew.
/// </summary>
public sealed class Client_matrix(SharedServers servers)
{
    private const string Begin = "<!-- what a test run saw -->";
    private static readonly (string Tool, object Arguments) Divide = ("calculator", new { message = "divide 3 by 4" });
    private static readonly (string Tool, object Arguments) Yes = ("resume_thread", new { thread_id = "$thread_id", request_id = "$request_id", approved = true });

    [Fact]
    [Trait("Accepts", "X.2")]
    [Trait("Accepts", "P.4")]
    public async Task Every_client_gets_the_best_form_it_can_show_and_the_documentation_says_what_was_seen()
    {
        Node.Require();
        var table = new StringBuilder("| client | transport | protocol | form | seen |\n|---|---|---|---|---|\n");
        foreach (var (client, drive, protocols) in Clients())
        {
            foreach (var transport in Enum.GetValues<Transport>())
            {
                foreach (var protocol in protocols)
                {
                    var url = transport == Transport.Http ? (await servers.Of(Transport.Http, Ways.Sessions)).Url : null;
                    foreach (var (form, person, calls) in Forms(protocol))
                    {
                        var seen = await drive(url, protocol, person, calls);
                        var forms = seen.Forms.Count == 0 ? "" : $"{seen.Forms.Count} form, {Of(person!)}: ";
                        table.Append(FormattableString.Invariant($"| {client} | {Name(transport)} | {protocol} | {form} | {forms}{seen.Path} |\n"));
                    }
                }
            }
        }

        table.Append(await AsTask());
        var path = Path.Combine(Repository.Root, "docs", "clients.md");
        var page = await File.ReadAllTextAsync(path, TestContext.Current.CancellationToken);
        var begin = page.IndexOf(Begin, StringComparison.Ordinal) + Begin.Length + 1;
        var end = page.IndexOf("\n\n", begin + 1, StringComparison.Ordinal) + 1;
        if (Environment.GetEnvironmentVariable("AGENTMCP_WRITE_DOCS") == "1")
        {
            await File.WriteAllTextAsync(path, $"{page[..begin]}\n{table}{page[end..]}", TestContext.Current.CancellationToken);
        }
        else
        {
            Assert.Equal(page[begin..end].Trim(), table.ToString().Trim());
        }
    }

    private async Task<string> AsTask()
    {
        await using var server = await RunningServer.Start(Transport.Http, servers.DatabaseOf(Transport.Http, Ways.Sessions), Ways.Newest,
            servers.Settings.Append(new("pause", "task")).ToDictionary());
        var job = JsonSerializer.Serialize(new
        {
            url = server.Url!.ToString(),
            tool = Divide.Tool,
            arguments = Divide.Arguments,
            answer = new { action = "accept", content = new { approve = true } },
            cancel = false,
        });
        var seen = JsonElement.Parse(await Node.Run("node", ["tasks.mjs", job]));
        var sent = string.Join(", ", seen.GetProperty("sent").EnumerateArray().Select(method => method.GetString()).Distinct());
        return $"| Tasks client 0.2.2 | HTTP | {Ways.Newest} | task | {sent}: {seen.GetProperty("asked").GetArrayLength()} form, approved: {seen.GetProperty("outcome").GetProperty("status").GetString()} |\n";
    }

    private delegate Task<Seen> Drive(Uri? url, string protocol, object[]? person, (string Tool, object Arguments)[] calls);

    private IEnumerable<(string Client, Drive Drive, string[] Protocols)> Clients()
    {
        yield return ("C# SDK 2.3.1", CSharp, ["2025-06-18", Ways.Sessions, Ways.Newest]);
        yield return ("TypeScript client 2.4.0", Driven("client"), ["2025-06-18", Ways.Sessions, Ways.Newest]);
        yield return ("TypeScript SDK 1.32.2", Driven("sdk"), [Ways.Sessions]);
    }

    private static IEnumerable<(string Form, object[]? Person, (string, object)[] Calls)> Forms(string protocol)
    {
        var host = protocol == Ways.Newest ? "input_required" : "elicitation";
        yield return ("plain result, resume_thread", null, [Divide, Yes]);
        yield return (host, [new { action = "accept", content = new { approve = true } }], [Divide]);
        yield return (host, [new { action = "accept", content = new { approve = false, comment = "not today" } }], [Divide]);
        yield return (host, [new { action = "decline" }], [Divide]);
    }

    private Drive Driven(string sdk) => (url, protocol, person, calls) =>
        new DrivenClient(sdk, protocol).Call(url, servers.DatabaseOf(Transport.Http, Ways.Sessions), servers.Settings, person, calls);

    private async Task<Seen> CSharp(Uri? url, string protocol, object[]? person, (string Tool, object Arguments)[] calls)
    {
        var transport = url is null ? Transport.Stdio : Transport.Http;
        var host = person is null ? null : await FormHost.Start(servers, transport, protocol, person.Select(Does));
        await using var server = host?.Server ?? await Plain(transport, protocol);
        var results = new List<JsonElement>();
        foreach (var (tool, arguments) in calls)
        {
            var last = results.LastOrDefault();
            var json = JsonSerializer.Serialize(arguments);
            json = results.Count == 0 ? json : json.Replace("$thread_id", last.GetProperty("thread_id").GetString(), StringComparison.Ordinal)
                .Replace("$request_id", last.GetProperty("requests")[0].GetProperty("id").GetString(), StringComparison.Ordinal);
            results.Add((await server.Do(tool, JsonElement.Parse(json))).Json);
        }

        return new([.. host?.Messages ?? []], results);
    }

    private async Task<RunningServer> Plain(Transport transport, string protocol) => transport == Transport.Http
        ? await (await servers.Of(Transport.Http, Ways.Sessions)).Again(protocol)
        : await RunningServer.Start(transport, servers.DatabaseOf(transport, Ways.Sessions), protocol, servers.Settings);

    private static FormHost.Person Does(object said)
    {
        var json = JsonSerializer.SerializeToElement(said);
        return (_, _) => Task.FromResult(new ElicitResult
        {
            Action = json.GetProperty("action").GetString()!,
            Content = json.TryGetProperty("content", out var content) ? content.EnumerateObject().ToDictionary(field => field.Name, field => field.Value) : null,
        });
    }

    private static string Of(object[] person) => JsonSerializer.SerializeToElement(person[0]) is var said && said.TryGetProperty("content", out var content)
        ? content.GetProperty("approve").GetBoolean() ? "approved" : "rejected"
        : "declined";

    private static string Name(Transport transport) => transport == Transport.Stdio ? "stdio" : "HTTP";
}
