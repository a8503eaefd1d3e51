using System.Text.Json;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Inbox;

/// <summary>What differs between the arguments that were asked for and those that were approved, place by place. Pure.</summary>
internal static class ArgumentsDiff
{
    public static Html Of(JsonText before, JsonText after) => Html.Of($"""
        <dl class="values diff">{Changes("", before.Element(), after.Element()).Select(change => Html.Of($"""
        <div><dt>{change.Place}</dt><dd><del><span class="unseen">was </span>{Text(change.Was)}</del> <ins><span class="unseen">becomes </span>{Text(change.Becomes)}</ins></dd></div>
        """)).ToList()}</dl>
        """);

    private static IEnumerable<(string Place, JsonElement? Was, JsonElement? Becomes)> Changes(string place, JsonElement was, JsonElement becomes)
    {
        if (JsonElement.DeepEquals(was, becomes))
        {
            return [];
        }

        if (was.ValueKind != JsonValueKind.Object || becomes.ValueKind != JsonValueKind.Object)
        {
            return [(place, was, becomes)];
        }

        var names = was.EnumerateObject().Select(member => member.Name).Union(becomes.EnumerateObject().Select(member => member.Name));
        return names.SelectMany(name => (was.TryGetProperty(name, out var left), becomes.TryGetProperty(name, out var right)) switch
        {
            (true, true) => Changes(Within(place, name), left, right),
            (true, false) => [(Within(place, name), left, null)],
            _ => [(Within(place, name), (JsonElement?)null, right)],
        });
    }

    private static string Within(string place, string name) => place.Length == 0 ? name : $"{place} \u203A {name}";

    private static string Text(JsonElement? value) => value is not { } given ? "nothing" : given.ValueKind == JsonValueKind.String ? given.GetString()! : JsonText.From(given).Text;
}
