using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMcp.State.Threads;

namespace AgentMcp.Server.Rest;

/// <summary>The one JSON context of the REST interface.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower)]
[JsonSerializable(typeof(Launch))]
[JsonSerializable(typeof(AnswerBody))]
[JsonSerializable(typeof(CancelBody))]
[JsonSerializable(typeof(ForkBody))]
[JsonSerializable(typeof(FunctionCallAnswer))]
[JsonSerializable(typeof(HumanContactAnswer))]
[JsonSerializable(typeof(FunctionCallRequest))]
[JsonSerializable(typeof(HumanContactRequest))]
[JsonSerializable(typeof(ThreadDocument))]
[JsonSerializable(typeof(ThreadListDocument))]
[JsonSerializable(typeof(AgentListDocument))]
[JsonSerializable(typeof(RequestList))]
[JsonSerializable(typeof(EventList))]
[JsonSerializable(typeof(Problem))]
internal sealed partial class RestContext : JsonSerializerContext;

internal static class RestJson
{
    /// <summary>For what is sent. A stored value nests up to 64 deep, and what is sent wraps it.</summary>
    public static RestContext Sent { get; } = Context();

    /// <summary>For what is received, and for what the OpenAPI document says of both.</summary>
    public static void Apply(JsonSerializerOptions options)
    {
        options.PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower;
        options.DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull;
        options.RespectRequiredConstructorParameters = true;
        options.RespectNullableAnnotations = true;
        options.NumberHandling = JsonNumberHandling.Strict;
        options.MaxDepth = 64;
        // Text is sent as it is; it is encoded for a page where it is shown.
        options.Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping;
        options.Converters.Add(new SnakeCase<RequestKind>());
        options.Converters.Add(new SnakeCase<AnswerableBy>());
        options.Converters.Add(new SnakeCase<ThreadStatus>());
        options.TypeInfoResolverChain.Insert(0, RestContext.Default);
    }

    private static RestContext Context()
    {
        var options = new JsonSerializerOptions();
        Apply(options);
        options.MaxDepth = 128;
        options.TypeInfoResolverChain.Clear();
        return new(options);
    }
}

internal sealed class SnakeCase<T>() : JsonStringEnumConverter<T>(JsonNamingPolicy.SnakeCaseLower, allowIntegerValues: false)
    where T : struct, Enum;
