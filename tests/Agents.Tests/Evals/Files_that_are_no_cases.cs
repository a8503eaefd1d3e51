using AgentMcp.Agents.Evals;

namespace AgentMcp.Agents.Tests.Evals;

public sealed class Files_that_are_no_cases
{
    private const string Started = """{"type":"thread_started","at":"2026-03-01T09:00:00Z","agent":"a","definition":"","input":{},"principal":"local","channel":"cli","trigger":"t"}""";
    private const string Chosen = """{"type":"step_chosen","at":"2026-03-01T09:00:00Z","intent":"x","arguments":{},"model":"m"}""";

    [Theory]
    [InlineData("{", "a.json: this is no JSON: ")]
    [InlineData("[]", "a.json: the case: this must be an object, not []")]
    [InlineData("{\"a\":1}", "a.json: the case: there is no 'a'; there are case, about, agent, definition, events, steps")]
    [InlineData("{}", "a.json: the case: 'case' is missing")]
    [InlineData("{\"case\":2}", "a.json: this is a case of form 2; this program reads form 1")]
    [InlineData("{\"case\":\"1\"}", "a.json: case: this must be a whole number, not \"1\"")]
    [InlineData("{\"case\":1,\"case\":1}", "a.json: this is no JSON: ")]
    [InlineData("{\"case\":1,\"agent\":\"a\",\"events\":[],\"steps\":[]}", "a.json: events must begin with thread_started")]
    [InlineData("{\"case\":1,\"agent\":\"a\",\"events\":[{\"type\":\"x\"}],\"steps\":[]}", "a.json: events[1]: this is no event: ")]
    [InlineData("{\"case\":1,\"agent\":\"a\",\"events\":[START,START],\"steps\":[]}", "a.json: Event 2 (ThreadStarted) cannot happen to a thread that is Thinking.")]
    [InlineData("{\"case\":1,\"agent\":\"a\",\"events\":[START],\"steps\":[{\"version\":1}]}", "a.json: its events hold no step")]
    [InlineData("{\"case\":1,\"agent\":\"a\",\"events\":[START,CHOSEN],\"steps\":[{\"version\":1}]}", "a.json: event 1 is no step; the steps are at the versions 2")]
    [InlineData("{\"case\":1,\"agent\":\"a\",\"events\":[START,CHOSEN],\"steps\":[{\"version\":2,\"user\":\"x\"}]}", "a.json: steps[1], user: this must be a list, not \"x\"")]
    [InlineData("{\"case\":1,\"agent\":\"a\",\"events\":[START,CHOSEN],\"steps\":[{\"version\":2,\"assert\":{\"intents\":{\"is\":1}}}]}", "a.json: steps[1]: 'intents' is nothing of a step; there are intent, arguments.NAME (and arguments.NAME.NAME) and judge")]
    [InlineData("{\"case\":1,\"agent\":\"a\",\"events\":[START,CHOSEN],\"steps\":[{\"version\":2,\"assert\":{\"intent\":{\"like\":\"x\"}}}]}", "a.json: steps[1]: there is no matcher 'like'; there are is, one_of, contains, matches, at_least, at_most")]
    [InlineData("{\"case\":1,\"agent\":\"a\",\"events\":[START,CHOSEN],\"steps\":[{\"version\":2,\"assert\":{\"intent\":{\"matches\":\"(\"}}}]}", "a.json: steps[1]: matches takes a regular expression, not \"(\"")]
    [InlineData("{\"case\":1,\"agent\":\"a\",\"events\":[START,CHOSEN],\"steps\":[{\"version\":2,\"assert\":{\"judge\":true}}]}", "a.json: steps[1]: judge takes a question that can be answered with yes or no")]
    public void They_are_refused_with_the_place_and_what_belongs_there(string text, string told) => Assert.StartsWith(told,
        Assert.Throws<CaseFileException>(() => CaseFile.Parse("a.json", text.Replace("START", Started, StringComparison.Ordinal).Replace("CHOSEN", Chosen, StringComparison.Ordinal))).Message,
        StringComparison.Ordinal);
}
