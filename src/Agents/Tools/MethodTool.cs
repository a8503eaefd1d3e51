using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using AgentMcp.State.Json;
using Microsoft.Extensions.AI;

namespace AgentMcp.Agents.Tools;

/// <summary>A C# method as a tool: its parameters are the arguments, so the schema shown and the one checked are one.</summary>
public static class MethodTool
{
    internal static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        NumberHandling = JsonNumberHandling.Strict,
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
    };

    /// <summary>
    /// Parameters of type <see cref="ToolCall"/> and <see cref="CancellationToken"/> are filled in and are no arguments.
    /// A returned <see cref="JsonText"/> or <see cref="ToolOutcome"/> is taken as it is; anything else is serialised.
    /// </summary>
    public static Tool Of(string name, string description, Effect effect, Delegate method)
    {
        // Looking at the method costs more than the rest of a start, and few tools are called in a process.
        var function = new Lazy<AIFunction>(() => Look(name, description, method));
        return new(name, description, default, effect, async (call, cancellation) =>
        {
            var arguments = new AIFunctionArguments(call.Arguments.Element().EnumerateObject().ToDictionary(m => m.Name, m => (object?)m.Value))
            {
                Context = new Dictionary<object, object?> { [typeof(ToolCall)] = call },
            };
            return await function.Value.InvokeAsync(arguments, cancellation).ConfigureAwait(false) switch
            {
                ToolOutcome outcome => outcome,
                JsonText json => new ToolOutcome.Returned(json),
                var value => new ToolOutcome.Returned(JsonText.From(JsonSerializer.SerializeToElement(value, Strict))),
            };
        })
        {
            ArgumentsOnDemand = new(() => Closed(function.Value.JsonSchema)),
        };
    }

    private static AIFunction Look(string name, string description, Delegate method) => AIFunctionFactory.Create(method, new AIFunctionFactoryOptions
    {
        Name = name,
        Description = description,
        SerializerOptions = Strict,
        MarshalResult = (result, _, _) => ValueTask.FromResult(result),
        ConfigureParameterBinding = parameter => parameter.ParameterType == typeof(ToolCall)
            ? new() { ExcludeFromSchema = true, BindParameter = (_, arguments) => arguments.Context![typeof(ToolCall)] }
            : default,
    });

    // A member nobody declared is a mistake of the model, which it should hear about.
    private static JsonText Closed(JsonElement schema) => JsonText.Write(writer =>
    {
        writer.WriteStartObject();
        foreach (var member in schema.EnumerateObject().Where(member => member.Name is not ("title" or "description" or "$schema")))
        {
            member.WriteTo(writer);
        }

        writer.WriteBoolean("additionalProperties", false);
        writer.WriteEndObject();
    });
}
