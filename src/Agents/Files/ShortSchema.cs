using System.Text.Json;
using System.Text.RegularExpressions;
using AgentMcp.State.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace AgentMcp.Agents.Files;

/// <summary>
/// The short form of a schema: <c>{ branch: string, dry_run?: boolean, stage: staging | production, tags: [string] }</c>.
/// What has <c>type: object</c> is JSON Schema and everything else this form, whose objects are written as their fields.
/// </summary>
internal static partial class ShortSchema
{
    private static readonly string[] Types = ["string", "number", "integer", "boolean"];

    public static bool Is(YamlNode node) => node is YamlMappingNode map
        && !map.Children.Any(pair => pair is { Key: YamlScalarNode { Value: "type" }, Value: YamlScalarNode { Value: "object" } });

    /// <param name="wrong">Makes the error of a line.</param>
    /// <exception cref="AgentFileException">A type is none of those there are.</exception>
    public static JsonText Of(YamlMappingNode fields, Func<YamlNode, string, string?, AgentFileException> wrong) =>
        JsonText.Write(writer => Write(writer, fields, null, wrong));

    private static void Write(Utf8JsonWriter writer, YamlNode node, string? about, Func<YamlNode, string, string?, AgentFileException> wrong)
    {
        writer.WriteStartObject();
        switch (node)
        {
            case YamlMappingNode map:
                WriteObject(writer, map, wrong);
                break;
            case YamlSequenceNode { Children: [var item] }:
                writer.WriteString("type", "array");
                writer.WritePropertyName("items");
                Write(writer, item, null, wrong);
                break;
            case YamlSequenceNode:
                throw wrong(node, "a list has the type of its items, and one only, such as [string]", null);
            default:
                about = WriteScalar(writer, (YamlScalarNode)node, wrong) ?? about;
                break;
        }

        if (about is not null)
        {
            writer.WriteString("description", about);
        }

        writer.WriteEndObject();
    }

    private static void WriteObject(Utf8JsonWriter writer, YamlMappingNode map, Func<YamlNode, string, string?, AgentFileException> wrong)
    {
        writer.WriteString("type", "object");
        writer.WriteStartObject("properties");
        foreach (var (key, value) in map.Children)
        {
            if (key.ToString().TrimEnd('?') is not [not '$', ..] name)
            {
                throw wrong(key, $"'{key}' is no name of a field; a JSON Schema says type: object", null);
            }

            writer.WritePropertyName(name);
            Write(writer, value, null, wrong);
        }

        writer.WriteEndObject();
        var required = map.Children.Keys.Select(key => key.ToString()).Where(name => !name.EndsWith('?')).ToList();
        if (required.Count > 0)
        {
            writer.WriteStartArray("required");
            required.ForEach(writer.WriteStringValue);
            writer.WriteEndArray();
        }

        writer.WriteBoolean("additionalProperties", false);
    }

    /// <returns>What the type is followed by in brackets: what the value is for.</returns>
    private static string? WriteScalar(Utf8JsonWriter writer, YamlScalarNode scalar, Func<YamlNode, string, string?, AgentFileException> wrong)
    {
        var read = Type().Match(scalar.Value ?? "");
        var type = read.Groups["type"].Value;
        var choices = type.Split('|', StringSplitOptions.TrimEntries);
        if (Types.Contains(type))
        {
            writer.WriteString("type", type);
        }
        else if (choices.Length > 1 && Array.Find(choices, choice => choice.Length == 0 || Types.Contains(choice)) is { } odd)
        {
            throw wrong(scalar, odd.Length == 0 ? $"'{type}' lacks a choice" : $"'{odd}' is a type and cannot be a choice; write a JSON Schema, with type: object, for alternative types", null);
        }
        else if (choices.Length > 1)
        {
            writer.WriteString("type", "string");
            writer.WriteStartArray("enum");
            Array.ForEach(choices, writer.WriteStringValue);
            writer.WriteEndArray();
        }
        else
        {
            var meant = Nearest.To(type, Types);
            throw wrong(scalar, $"unknown type '{scalar.Value}'{(meant is null ? "; there are string, number, integer, boolean, lists such as [string], choices such as a | b, and objects as their fields; a JSON Schema says type: object" : "")}", meant);
        }

        return read.Groups["about"] is { Success: true, Value: var about } ? about : null;
    }

    [GeneratedRegex(@"\A(?<type>[^()]*?)(?:\s*\((?<about>.+)\))?\z", RegexOptions.Singleline)]
    private static partial Regex Type();
}
