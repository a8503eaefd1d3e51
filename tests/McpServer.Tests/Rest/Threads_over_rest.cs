using AgentMcp.Server.Tests.Running;

namespace AgentMcp.Server.Tests.Rest;

public sealed class Threads_over_rest(SharedServers servers)
{
    private const string Divide = """{"agent":"calculator","input":{"message":"divide 3 by 4"}}""";

    [Fact]
    [Trait("Accepts", "F6.1")]
    public async Task A_launch_answers_with_the_thread_and_where_it_is()
    {
        using var rest = await RestClient.Of(servers);

        using var answer = await rest.Send(HttpMethod.Post, "/threads", Divide);
        var body = rest.Shown(await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));

        Assert.Equal("""x""", body);
        Assert.Equal("201 /api/v1/threads/thr_A application/json", $"{(int)answer.StatusCode} {rest.Shown(answer.Headers.Location!.ToString())} {answer.Content.Headers.ContentType!.MediaType}");
        Assert.Equal("200 " + body, await rest.Get("/threads/thr_A"));
    }
}
