using AgentMcp.State.Threads;

namespace AgentMcp.Agents.Models;

/// <summary>What a model costs, in dollars per million tokens.</summary>
/// <param name="CachedInput">Of input that came from the provider's cache; null where that is no cheaper.</param>
/// <param name="LongPrompt">What everything costs once the prompt is longer than most.</param>
public sealed record Price(decimal Input, decimal Output, decimal? CachedInput = null, LongPrice? LongPrompt = null)
{
    /// <summary>The same tokens with their cost, in whole millionths of a dollar. Dollars per million tokens are millionths of a dollar per token.</summary>
    public Usage Of(Usage usage)
    {
        var rate = LongPrompt is { } over && usage.InputTokens > over.Over ? new Price(over.Input, over.Output, over.CachedInput) : this;
        var cached = Math.Clamp(usage.CachedTokens ?? 0, 0, usage.InputTokens);
        var cost = ((usage.InputTokens - cached) * rate.Input) + (cached * (rate.CachedInput ?? rate.Input)) + (usage.OutputTokens * rate.Output);
        return usage with { Microdollars = (long)Math.Ceiling(cost) };
    }
}

/// <param name="Over">Prompts of more tokens than this.</param>
public sealed record LongPrice(long Over, decimal Input, decimal Output, decimal? CachedInput = null);
