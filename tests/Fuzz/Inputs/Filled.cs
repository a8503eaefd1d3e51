using System.Globalization;

namespace AgentMcp.Fuzz.Inputs;

internal static class Filled
{
    /// <summary>Puts values in the place of <c>@0@</c>, <c>@1@</c> and so on: JSON has braces enough of its own.</summary>
    public static string With(this string json, params ReadOnlySpan<string> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            json = json.Replace(string.Create(CultureInfo.InvariantCulture, $"@{i}@"), values[i], StringComparison.Ordinal);
        }

        return json;
    }
}
