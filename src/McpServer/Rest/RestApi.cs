using AgentMcp.Server.Hosting;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace AgentMcp.Server.Rest;

/// <summary>The same threads and requests for software that speaks plain HTTP, at <c>/api/v1</c>.</summary>
internal static class RestApi
{
    public const string Root = "/api/v1";

    public static void Add(IServiceCollection services)
    {
        services.ConfigureHttpJsonOptions(json => RestJson.Apply(json.SerializerOptions));
        // What cannot be bound is told in our words, whatever the environment.
        services.Configure<RouteHandlerOptions>(routes => routes.ThrowOnBadRequest = true);
        OpenApiDocumentation.Add(services);
    }

    public static void Map(WebApplication app, Core core)
    {
        var errors = new RestErrors(new RestAccess(core.Database.Path, core.Settings.Access.IsOn));
        app.UseWhen(context => context.Request.Path.StartsWithSegments(Root), inner => inner.Use(errors.Guard));
        app.MapOpenApi();
        var api = app.MapGroup(Root);
        new ThreadRoutes(core).Map(api);
        new EventRoutes(core).Map(api);
        new RequestRoutes(core).Map(api);
        new FunctionCallRoutes(core).Map(api);
        new HumanContactRoutes(core).Map(api);
        new EscalationRoutes(core).Map(api);
        new AuditRoutes(core).Map(api);
    }

    /// <summary>Names a route for the OpenAPI document, with the problems it can answer beside those all have.</summary>
    public static RouteHandlerBuilder Says(this RouteHandlerBuilder route, string name, string summary, string tag, params ReadOnlySpan<int> problems)
    {
        route.WithName(name).WithSummary(summary).WithTags(tag);
        foreach (var status in (ReadOnlySpan<int>)[StatusCodes.Status401Unauthorized, .. problems, StatusCodes.Status429TooManyRequests, StatusCodes.Status503ServiceUnavailable])
        {
            route.WithMetadata(new ProducesResponseTypeMetadata(status, typeof(Problem), [RestErrors.ContentType]));
        }

        return route;
    }
}
