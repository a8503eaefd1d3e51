using System.Globalization;

namespace AgentMcp.Agents.Models;

/// <summary>Millionths of a dollar, as they are shown.</summary>
public static class Money
{
    /// <summary>Cents from a dollar on, and below it as many digits as it takes to see something.</summary>
    public static string Dollars(long microdollars)
    {
        var dollars = microdollars / 1_000_000m;
        var format = dollars == 0 || Math.Abs(dollars) >= 1 ? "0.00" : Math.Abs(dollars) >= 0.01m ? "0.00##" : "0.00####";
        return string.Create(CultureInfo.InvariantCulture, $"${dollars.ToString(format, CultureInfo.InvariantCulture)}");
    }
}
