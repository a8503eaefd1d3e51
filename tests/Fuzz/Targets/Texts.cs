using System.Diagnostics;
using System.Text;
using AgentMcp.Agents.Files;
using AgentMcp.Agents.Microagents.Calculator;
using AgentMcp.Agents.Tools;
using AgentMcp.Fuzz.Inputs;
using AgentMcp.State.Json;
using CsCheck;

namespace AgentMcp.Fuzz.Targets;

/// <summary>What is read from files and schemas.</summary>
internal static class Texts
{
    private const string Agent = """
        ---
        name: shipper
        description: Ships a version.
        input: { version: string, count: integer? }
        output:
          type: object
          properties: { url: { type: string, format: uri } }
          required: [url]
        model: caller
        tools: [divide, add, request_human_input, done_for_now]
        limits: { steps: 20, time: 5m, tokens: 10000 }
        people: { remind_after: 1h }
        schedule: "0 9 * * 1-5"
        variables: { place: Bern }
        ---
        You ship {{place}} carefully.

        - One thing at a time.
        """;

    private const string Claude = """
        ---
        name: reviewer
        description: Reviews code when asked
        tools: Read, Grep
        model: sonnet
        ---
        You review.
        """;

    public static Target Files(string folder)
    {
        var tools = Calculator.Tools.ToDictionary(tool => tool.Name);
        Directory.CreateDirectory(Path.Combine(folder, ".claude", "agents"));
        return new("agent files", Gen.Frequency((6, Mutation.OfText(Agent).Select(text => ("one.agent.md", text))), (2, Mutation.OfText(Claude).Select(text => ("one.md", text))))
            .Select(input => new Attempt(input.text, () =>
            {
                var path = Path.Combine(folder, input.Item1);
                // A file cannot hold half a surrogate pair.
                File.WriteAllBytes(path, Encoding.UTF8.GetBytes(input.text));
                var folders = new AgentFolders([folder], null, [], tools);
                var loaded = folders.Load();
                var (_, remarks) = folders.Check();
                remarks.Select(remark => Clear.Check(remark.ToString()!)).ToList().ForEach(remark => _ = remark.Length > 0 ? remark : throw new UnclearException("a remark without words"));
                File.Delete(path);
                return Task.FromResult(loaded.All.Count > 0 ? "agent" : remarks.Any(remark => remark.Kind == RemarkKind.Problem) ? "problem" : "no agent");
            })), Process.GetCurrentProcess(), ("agent", 4), ("problem", 20));
    }

    /// <summary>Schemas that somebody else wrote, and values against them.</summary>
    public static Target Schemas()
    {
        const string Schema = """{"type":"object","properties":{"a":{"type":["string","null"],"pattern":"^a+$","minLength":1,"format":"date"},"b":{"type":"array","items":{"$ref":"#/$defs/x"},"uniqueItems":true},"c":{"oneOf":[{"const":1},{"enum":["x"]}]},"d":{"type":"integer","minimum":0,"maximum":9}},"required":["a"],"additionalProperties":false,"$defs":{"x":{"anyOf":[{"type":"number"},{"not":{"type":"string"}}]}}}""";
        const string Value = """{"a":"aaa","b":[1,2,{"x":null}],"c":1,"d":5}""";
        return new("schemas", Gen.Select(Mutation.OfJson(Schema), Mutation.OfJson(Value)).Select((schema, value) => new Attempt($"{schema} <- {value}", () =>
        {
            if (!JsonText.TryParse(schema, out var given) || !JsonText.TryParse(value, out var checkedValue))
            {
                return Task.FromResult("no JSON");
            }

            return Task.FromResult(JsonSchemas.Problem(given) is { } problem ? Clear.Check(problem) is not null ? "refused" : ""
                : JsonSchemas.Violation(given, checkedValue) is { } violation ? Clear.Check(violation) is not null ? "violation" : "" : "fits");
        })), Process.GetCurrentProcess(), ("fits", 1), ("violation", 3), ("refused", 5));
    }
}
