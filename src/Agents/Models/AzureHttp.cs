namespace AgentMcp.Agents.Models;

/// <summary>What is different about OpenAI on Azure: the path names the deployment, the query the API's version, and the key has a header of its own.</summary>
internal sealed class AzureHttp(ModelSettings settings, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    public static Uri Endpoint(Uri resource, string deployment) => new($"{resource.ToString().TrimEnd('/')}/openai/deployments/{Uri.EscapeDataString(deployment)}");

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        // A second attempt comes with what the first one was given.
        if (!request.Headers.Contains("api-key"))
        {
            request.Headers.Authorization = null;
            request.Headers.Add("api-key", settings.ApiKey);
            request.RequestUri = new UriBuilder(request.RequestUri!) { Query = $"api-version={Uri.EscapeDataString(settings.ApiVersion ?? ModelSettings.AzureVersion)}" }.Uri;
        }

        return base.SendAsync(request, cancellationToken);
    }
}
