using System.ClientModel;
using System.ClientModel.Primitives;
using System.Net;
using Anthropic;
using Anthropic.Core;
using Microsoft.Extensions.AI;
using OpenAI;

namespace AgentMcp.Agents.Models;

/// <summary>
/// The SDK clients. Waiting, retrying and naming what went wrong is one thing for all of them and happens below them,
/// in <see cref="ProviderHttp"/>: their own retries and timeouts are off.
/// </summary>
internal static class Providers
{
    // Local servers want no key, but the clients will not go without one.
    private const string NoKey = "none";

    public static IChatClient Connect(ModelSettings settings, TimeProvider clock)
    {
        // No redirects: a key must not follow them to another host.
        var network = new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = DecompressionMethods.All, PooledConnectionLifetime = TimeSpan.FromMinutes(10) };
        HttpMessageHandler way = settings.Provider == Provider.Azure ? new AzureHttp(settings, network) : network;
        var http = new HttpClient(new ProviderHttp(settings, clock, way)) { Timeout = Timeout.InfiniteTimeSpan };
        return settings.Provider == Provider.Anthropic ? ConnectAnthropic(settings, http) : ConnectOpenAI(settings, http);
    }

    private static IChatClient ConnectAnthropic(ModelSettings settings, HttpClient http)
    {
        // With a key set, the SDK looks for none in the environment or in files.
        var options = new ClientOptions
        {
            BaseUrl = settings.BaseUrl?.ToString().TrimEnd('/') ?? EnvironmentUrl.Production,
            ApiKey = settings.ApiKey ?? NoKey,
            HttpClient = http,
            MaxRetries = 0,
            Timeout = ProviderHttp.AtMost(settings),
        };
        return new AnthropicClient(options).AsIChatClient(settings.Model, settings.MaxOutputTokens ?? ModelSettings.LongestReply);
    }

    private static IChatClient ConnectOpenAI(ModelSettings settings, HttpClient http)
    {
        var options = new OpenAIClientOptions
        {
            Transport = new HttpClientPipelineTransport(http),
            RetryPolicy = new ClientRetryPolicy(maxRetries: 0),
            NetworkTimeout = Timeout.InfiniteTimeSpan,
        };
        if (settings.BaseUrl is { } url)
        {
            options.Endpoint = settings.Provider == Provider.Azure ? AzureHttp.Endpoint(url, settings.Model) : url;
        }

        return new OpenAIClient(new ApiKeyCredential(settings.ApiKey ?? NoKey), options).GetChatClient(settings.Model).AsIChatClient();
    }
}
