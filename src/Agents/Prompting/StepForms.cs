using System.Text.Json;
using System.Text.Json.Nodes;
using AgentMcp.State.Json;

namespace AgentMcp.Agents.Prompting;

/// <summary>
/// The shapes in which models put a step, brought into the one in which it is read: the intent beside its arguments. Only
/// what can mean nothing else is changed; what is no step stays as it is, and is refused as what it is. Pure.
/// </summary>
internal static class StepForms
{
    private static readonly string[] Wrappers = ["step", "response", "next_step"];
    private static readonly string[] Names = ["intent", "tool", "name"];
    private static readonly string[] Bags = ["arguments", "input", "parameters"];

    public static JsonElement Plain(Microagent agent, JsonElement given)
    {
        var step = given;
        while (step.EnumerateObject().ToList() is [{ Value.ValueKind: JsonValueKind.Object } only] && Wrappers.Contains(only.Name))
        {
            step = only.Value;
        }

        return Called(agent, step) ?? step;
    }

    // {"tool": "add", "arguments": {"a": 1, "b": 2}}, as tools are called elsewhere.
    private static JsonElement? Called(Microagent agent, JsonElement step)
    {
        if (step.EnumerateObject().ToList() is not [var one, var two])
        {
            return null;
        }

        var (name, bag) = Names.Contains(one.Name) ? (one, two) : (two, one);
        if (!Names.Contains(name.Name) || name.Value.ValueKind != JsonValueKind.String || !Bags.Contains(bag.Name) || bag.Value.ValueKind != JsonValueKind.Object
            || agent.Find(name.Value.GetString()!) is not { } intent || Has(intent.Arguments, bag.Name))
        {
            return null;
        }

        var plain = new JsonObject { ["intent"] = intent.Name };
        foreach (var argument in bag.Value.EnumerateObject().Where(argument => argument.Name != "intent"))
        {
            plain[argument.Name] = JsonNode.Parse(argument.Value.GetRawText());
        }

        return JsonText.Parse(plain.ToJsonString()).Element();
    }

    private static bool Has(JsonText schema, string property) =>
        schema.Element().TryGetProperty("properties", out var properties) && properties.TryGetProperty(property, out _);
}
