using System.Globalization;
using System.Text.Json;
using YamlDotNet.Core;
using YamlDotNet.RepresentationModel;

namespace AgentMcp.Agents.Files;

/// <summary>YAML as the JSON it stands for: what looks like a number, a truth or nothing, and is not quoted, is that.</summary>
internal static class YamlJson
{
    public const int MostNodes = 10_000;
    public const int MostDepth = 60;

    /// <summary>Whether it can be written out. An alias may stand in itself, or for aliases that double at every step.</summary>
    public static bool IsBounded(YamlNode root)
    {
        var left = MostNodes;
        return Fits(root, MostDepth);

        bool Fits(YamlNode node, int deep) => --left >= 0 && deep > 0 && node switch
        {
            YamlMappingNode map => map.Children.All(pair => Fits(pair.Key, deep - 1) && Fits(pair.Value, deep - 1)),
            YamlSequenceNode list => list.Children.All(item => Fits(item, deep - 1)),
            _ => true,
        };
    }

    public static void Write(Utf8JsonWriter writer, YamlNode node)
    {
        switch (node)
        {
            case YamlMappingNode map:
                writer.WriteStartObject();
                foreach (var (key, value) in map.Children)
                {
                    writer.WritePropertyName(key.ToString());
                    Write(writer, value);
                }

                writer.WriteEndObject();
                break;
            case YamlSequenceNode list:
                writer.WriteStartArray();
                foreach (var item in list)
                {
                    Write(writer, item);
                }

                writer.WriteEndArray();
                break;
            case YamlScalarNode { Style: ScalarStyle.Plain, Value: "null" or "~" or "" or null }:
                writer.WriteNullValue();
                break;
            case YamlScalarNode { Style: ScalarStyle.Plain, Value: "true" or "false" } truth:
                writer.WriteBooleanValue(truth.Value == "true");
                break;
            case YamlScalarNode { Style: ScalarStyle.Plain } number when decimal.TryParse(number.Value, NumberStyles.Float, CultureInfo.InvariantCulture, out var value):
                writer.WriteNumberValue(value);
                break;
            default:
                writer.WriteStringValue(node.ToString());
                break;
        }
    }
}
