using System.Text.Json.Nodes;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Tests.Machine;

/// <summary>
/// What a thread is to do, a letter a step: <c>l</c> looks, <c>s</c> stores (under its key), <c>p</c> pays, <c>g</c> deploys if somebody
/// says yes, <c>q</c> asks, <c>z</c> sleeps; <c>S</c>, <c>P</c> and <c>D</c> do not go on before they are let go, and <c>D</c> does not hear
/// that it is to stop. <c>(..)</c> and <c>[..]</c> are a script for another agent; a workflow has branches, with <c>|</c> between.
/// </summary>
internal static class Script
{
    public static readonly string[] Effectful = ["pay", "deploy", "slow_pay", "deaf_pay"];

    public static JsonText Input(string script) => JsonText.Parse(new JsonObject { ["message"] = script }.ToJsonString());

    public static string Of(ThreadLog log) => JsonNode.Parse(log.Thread.Start.Input.Text)!["message"]!.GetValue<string>().Split('#')[0];

    public static IReadOnlyList<string> Steps(string script)
    {
        List<string> steps = [];
        for (var i = 0; i < script.Length; i++)
        {
            var end = script[i] switch
            {
                '(' => script.IndexOf(')', i),
                '[' => script.IndexOf(']', i),
                _ => i,
            };
            steps.Add(script[i..(end + 1)]);
            i = end;
        }

        return steps;
    }

    public static string Intent(string step) => step[0] switch
    {
        'l' => "look",
        's' => "store",
        'p' => "pay",
        'g' => "deploy",
        'S' => "slow_store",
        'P' => "slow_pay",
        'D' => "deaf_pay",
        'q' => "request_more_information",
        'z' => "await",
        '(' => "worker",
        '[' => "aide",
        _ => throw new InvalidOperationException(step),
    };

    /// <summary>The next step of an agent: the log alone decides, by how many were chosen.</summary>
    public static string Next(ThreadLog log)
    {
        var (steps, done) = (Steps(Of(log)), log.Events.Count(happened => happened is StepChosen));
        if (done >= steps.Count)
        {
            return """{"intent":"done_for_now","message":"done"}""";
        }

        var step = steps[done];
        return (step[0] switch
        {
            'z' => new JsonObject { ["intent"] = "await", ["seconds"] = 30 },
            'q' => new JsonObject { ["intent"] = "request_more_information", ["message"] = $"What of {done}?" },
            '(' or '[' => new JsonObject { ["intent"] = Intent(step), ["message"] = step[1..^1] },
            _ => new JsonObject { ["intent"] = Intent(step), ["item"] = $"{done}" },
        }).ToJsonString();
    }
}
