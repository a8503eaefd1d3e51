using System.Text.Json;
using AgentMcp.Server.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;
using Microsoft.OpenApi.Reader;

namespace AgentMcp.Server.Rest;

/// <summary>The OpenAPI document, made from the routes themselves and from the schemas the tools publish.</summary>
internal static class OpenApiDocumentation
{
    private const string Secret = "access_secret";
    private static readonly JsonText Text = JsonText.Parse("""{"type":"string"}""");

    /// <summary>Schemas the tools publish too, by the types that stand for them.</summary>
    private static readonly Dictionary<string, JsonText> Tools = new()
    {
        [nameof(ThreadDocument)] = ThreadResult.Schema,
        [nameof(ThreadListDocument)] = ListThreadsTool.Schema,
        [nameof(AgentListDocument)] = ListAgentsTool.Schema,
    };

    /// <summary>Parameters that are read by us, so that we can say what is wrong with them.</summary>
    private static readonly Dictionary<string, JsonText> Parameters = new()
    {
        ["status"] = Names<ThreadStatus>(_ => true),
        ["list_threads.kind"] = Names<RequestKind>(_ => true),
        ["list_requests.kind"] = Names<RequestKind>(A2HView.IsForPeople),
        ["started_after"] = Time,
        ["started_before"] = Time,
        ["asked_before"] = Time,
        ["include_events"] = JsonText.Parse("""{"type":"boolean","default":false}"""),
        ["wait_seconds"] = JsonText.Parse("""{"type":"integer","minimum":0,"default":0}"""),
        ["after"] = JsonText.Parse("""{"type":"integer","minimum":0,"default":0}"""),
        ["thread_events.limit"] = JsonText.Parse("""{"type":"integer","minimum":1,"maximum":1000,"default":200}"""),
        ["limit"] = JsonText.Parse("""{"type":"integer","minimum":1,"maximum":200,"default":50}"""),
    };

    private static JsonText Time => JsonText.Parse("""{"type":"string","format":"date-time"}""");

    public static void Add(IServiceCollection services) => services.AddOpenApi(options =>
    {
        options.OpenApiVersion = OpenApiSpecVersion.OpenApi3_1;
        options.ShouldInclude = route => route.RelativePath?.StartsWith(RestApi.Root.TrimStart('/'), StringComparison.Ordinal) == true;
        // Free JSON needs no name.
        options.CreateSchemaReferenceId = type => type.Type == typeof(JsonElement) ? null
            : Tools.ContainsKey(type.Type.Name) ? NameOf(type.Type.Name) : OpenApiOptions.CreateDefaultSchemaReferenceId(type);
        options.AddSchemaTransformer((schema, context, _) => Complete(schema, context));
        options.AddOperationTransformer((operation, context, _) => Complete(operation, context.Document!));
        options.AddDocumentTransformer((document, _, _) => Describe(document));
    });

    private static Task Complete(OpenApiSchema schema, OpenApiSchemaTransformerContext context)
    {
        if (context.JsonTypeInfo.Type.IsEnum)
        {
            schema.Type = JsonSchemaType.String;
        }

        return Task.CompletedTask;
    }

    private static Task Complete(OpenApiOperation operation, OpenApiDocument document)
    {
        foreach (var parameter in operation.Parameters?.OfType<OpenApiParameter>() ?? [])
        {
            if (Parameters.TryGetValue($"{operation.OperationId}.{parameter.Name}", out var schema) || Parameters.TryGetValue(parameter.Name!, out schema))
            {
                parameter.Schema = Published(schema, document);
            }
        }

        var responses = operation.Responses!.OrderBy(response => response.Key, StringComparer.Ordinal).ToList();
        operation.Responses!.Clear();
        foreach (var (status, response) in responses)
        {
            foreach (var stream in response.Content?.Where(form => form.Key is EventRoutes.EventStream or AuditRoutes.JsonLines).Select(form => form.Value) ?? [])
            {
                stream.Schema = Published(Text, document);
            }

            operation.Responses[status] = response;
        }

        return Task.CompletedTask;
    }

    private static Task Describe(OpenApiDocument document)
    {
        document.Info = new()
        {
            Title = "AgentMcp",
            Version = Hosting.Version.Current,
            Description = "Agents whose calls are stored threads that can wait for a person. The same threads as over MCP.",
        };
        // Where it is served is known to whoever fetched this.
        document.Servers = [];
        document.Components ??= new();
        document.Components.SecuritySchemes = new Dictionary<string, IOpenApiSecurityScheme>
        {
            [Secret] = new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "The access secret of this machine: what the file beside the database holds whose name ends in -access.",
            },
        };
        document.Security = [new() { [new OpenApiSecuritySchemeReference(Secret, document)] = [] }];
        foreach (var (name, schema) in Tools)
        {
            document.Components.Schemas![NameOf(name)] = Published(schema, document);
        }

        return Task.CompletedTask;
    }

    private static string NameOf(string document) => document[..^"Document".Length];

    private static JsonText Names<T>(Func<T, bool> which)
        where T : struct, Enum => JsonText.Parse($$"""{"type":"string","enum":[{{string.Join(',', Enum.GetValues<T>().Where(which).Select(value => $"\"{WireName.Of(value)}\""))}}]}""");

    private static OpenApiSchema Published(JsonText schema, OpenApiDocument document) =>
        OpenApiModelFactory.Parse<OpenApiSchema>(schema.Text, OpenApiSpecVersion.OpenApi3_1, document, out _, "json")
        ?? throw new InvalidOperationException("A published schema is no schema.");
}
