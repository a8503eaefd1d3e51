using System.Text.Json;
using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Rest;

public sealed class OpenApi_document(SharedServers servers)
{
    /// <summary>docs/openapi.json is what a server says of itself; when a route is meant to change, fetch it anew.</summary>
    [Fact]
    public async Task The_checked_in_document_is_the_one_that_is_served_and_needs_no_secret()
    {
        using var http = new HttpClient();

        var served = await http.GetStringAsync(new Uri((await servers.Of(Transport.Http, Ways.Newest)).Url!, "/openapi/v1.json"), TestContext.Current.CancellationToken);

        Assert.Equal(await File.ReadAllTextAsync(RepositoryFile.Path("docs/openapi.json"), TestContext.Current.CancellationToken), served.TrimEnd() + "\n");
    }

    [Fact]
    public async Task Every_operation_has_a_name_a_summary_and_all_its_problems()
    {
        var document = JsonElement.Parse(await File.ReadAllTextAsync(RepositoryFile.Path("docs/openapi.json"), TestContext.Current.CancellationToken));

        var operations = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(operation =>
            $"{operation.Name} {path.Name["/api/v1".Length..]} {operation.Value.GetProperty("operationId")}: "
            + string.Join(' ', operation.Value.GetProperty("responses").EnumerateObject().Select(response => response.Name))));

        Assert.Equal(
            [
                "get /agents list_agents: 200 401 429 503",
                "post /threads start_thread: 201 400 401 404 409 413 415 422 429 503",
                "get /threads list_threads: 200 401 422 429 503",
                "get /threads/{thread_id} get_thread: 200 401 404 422 429 503",
                "post /threads/{thread_id}/answer answer_thread: 200 400 401 403 404 409 413 415 422 429 503",
                "post /threads/{thread_id}/cancel cancel_thread: 200 400 401 404 413 415 429 503",
                "post /threads/{thread_id}/fork fork_thread: 201 400 401 404 413 415 422 429 503",
                "get /threads/{thread_id}/events thread_events: 200 204 401 404 422 429 503",
                "get /requests list_requests: 200 401 422 429 503",
                "post /function_calls create_function_call: 201 400 401 409 413 415 422 429 503",
                "get /function_calls/{call_id} get_function_call: 200 401 404 429 503",
                "post /function_calls/{call_id}/respond respond_to_function_call: 200 400 401 403 404 409 413 415 422 429 503",
                "post /human_contacts create_human_contact: 201 400 401 409 413 415 422 429 503",
                "get /human_contacts/{call_id} get_human_contact: 200 401 404 429 503",
                "post /human_contacts/{call_id}/respond respond_to_human_contact: 200 400 401 403 404 409 413 415 422 429 503",
                "post /function_calls/{call_id}/escalate escalate_function_call: 200 400 401 404 409 413 415 422 429 503",
                "post /human_contacts/{call_id}/escalate escalate_human_contact: 200 400 401 404 409 413 415 422 429 503",
                "get /audit audit: 200 401 403 422 429 503",
            ], operations);
    }
}
