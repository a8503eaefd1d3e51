using AgentMcp.Agents.Prompting;
using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Models;

/// <summary>Chooses next steps. The one seam between the loop and whatever does the thinking. Thread-safe.</summary>
public interface IModel
{
    /// <summary>What is written beside every step it chose, such as <c>anthropic:claude-sonnet-5</c>.</summary>
    string Name { get; }

    /// <summary>
    /// The log alone decides, and nobody outside is asked. Asking again after a crash then changes nothing, so what led to
    /// the question need not be on disk first.
    /// </summary>
    bool IsPure => false;

    /// <summary>The most that this turn may take; null for a model that nobody is billed for here.</summary>
    Estimate? Reserve(ModelTurn turn) => null;

    /// <exception cref="ModelException">No reply could be had.</exception>
    Task<ModelReply> NextStep(ModelTurn turn, CancellationToken cancellation);
}

/// <summary>What a model may look at. The prompt is rendered when first asked for.</summary>
/// <param name="Asked">What is asked instead of the next step.</param>
public sealed record ModelTurn(Microagent Agent, ThreadLog Log, Prompt? Asked = null)
{
    public Prompt Prompt => field ??= Asked ?? (Growing ?? new(Agent)).Render(Log.Events);

    /// <summary>What was rendered for the turns before; null where there were none.</summary>
    internal GrowingPrompt? Growing { get; init; }
}

/// <param name="Model">The model that is asked.</param>
/// <param name="Most">The tokens of the prompt as counted here, and the longest reply there can be.</param>
public sealed record Estimate(string Model, Usage Most);

/// <param name="System">Role and rules.</param>
/// <param name="User">The whole history, ending with what is asked.</param>
/// <param name="Schema">JSON Schema of one step, as <paramref name="User"/> also states it.</param>
public sealed record Prompt(string System, string User, JsonText Schema);

public abstract record ModelReply
{
    private ModelReply()
    {
    }

    /// <summary>The reply as text, not yet read: it may be anything.</summary>
    /// <param name="Model">What gave it, where the model stands for several.</param>
    public sealed record Said(string Text, Usage? Usage = null, string? Model = null) : ModelReply;

    /// <summary>The caller is the model: the thread asks it for the step and parks.</summary>
    public sealed record AskCaller : ModelReply;
}

/// <summary>The model gave no reply. None of this enters the context.</summary>
/// <param name="mayPass">
/// True for trouble that retries did not outlast (timeouts, 429, 5xx): the thread pauses and can go on later. False for
/// what repeating cannot mend (a bad key, a model that does not exist): the thread fails with the reason.
/// </param>
public sealed class ModelException(string message, bool mayPass, Exception? inner = null) : Exception(message, inner)
{
    public bool MayPass { get; } = mayPass;
}

/// <summary>The decision table of one agent, for the <c>rules</c> model: the log in, the next step out, as JSON with its <c>intent</c>.</summary>
public delegate string Rules(ThreadLog log);
