using System.Globalization;

namespace AgentMcp.Agents.Files;

/// <summary>A length of time as people write it: a number and one of s, m, h, d.</summary>
public static class Duration
{
    public const string Example = "90s, 15m, 4h or 2d";

    public static bool TryParse(string? text, out TimeSpan time)
    {
        time = default;
        if (text is not { Length: > 1 } || !double.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
        {
            return false;
        }

        double? seconds = text[^1] switch { 's' => 1, 'm' => 60, 'h' => 3600, 'd' => 86_400, _ => null };
        time = number * seconds is { } length and > 0 and < 86_400.0 * 3660 ? TimeSpan.FromSeconds(length) : default;
        return time > TimeSpan.Zero;
    }
}
