using AgentMcp.Agents.Files;
using AgentMcp.Agents.Models;
using AgentMcp.Agents.Prompting;
using AgentMcp.Agents.Tools;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Evals;

/// <summary>Asks a model whether something is true of a step. It is an agent like any other: judge.agent.md, beside this.</summary>
internal static class Judge
{
    private static readonly Lazy<Microagent> Agent = new(() => AgentFile.Read(
        Path.Combine(AppContext.BaseDirectory, "Evals", "judge.agent.md"), new Dictionary<string, Tool>()));

    /// <returns>Null when it is true; otherwise why it is not.</returns>
    /// <exception cref="ModelException">The model gave no reply.</exception>
    public static async Task<string?> Miss(IModel model, string question, Prompt shown, string step, CancellationToken cancellation)
    {
        var input = JsonText.Write(writer =>
        {
            writer.WriteStartObject();
            writer.WriteString("question", question);
            writer.WriteString("thread", shown.User);
            writer.WriteString("step", step);
            writer.WriteEndObject();
        });
        var log = ThreadLog.Of(ThreadId.New(DateTimeOffset.UnixEpoch), [new ThreadStarted(default, Agent.Value.Name, "", input, "local", "replay", "question")]);
        var reply = await model.NextStep(new(Agent.Value, log), cancellation).ConfigureAwait(false);
        return reply is not ModelReply.Said said ? "the model is the caller, whom nobody can ask"
            : StepReader.Read(Agent.Value, said.Text, model.Name, said.Usage, default) is not ChooseStep verdict ? $"the judge gave no verdict: {ErrorText.Cut(said.Text, 200)}"
            : verdict.Arguments.Element().GetProperty("verdict").ValueEquals("yes") ? null
            : verdict.Arguments.Element().GetProperty("reason").GetString();
    }
}
