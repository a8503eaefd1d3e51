namespace AgentMcp.State.Threads;

/// <summary>
/// What a thread has used, its ended children included, and what people gave leave for. Leave for a limit of the
/// agent's own is not leave for one of its callers, so the two are kept apart. Immutable, a fold of the log.
/// </summary>
/// <param name="Used">All that was used; it only grows.</param>
/// <param name="Extended">What leave was given for, of the agent's own limits.</param>
/// <param name="ExtendedAbove">What leave was given for, of the limits of its callers.</param>
/// <param name="Unpriced">Somebody agreed that steps of a model without a price go uncounted.</param>
public sealed record Accounts(Spent Used, Spent Extended, Spent ExtendedAbove, bool Unpriced = false)
{
    public static Accounts Empty { get; } = new(Spent.Nothing, Spent.Nothing, Spent.Nothing);

    /// <summary>What counts towards the agent's own limits.</summary>
    public Spent Own => Used - Extended;

    /// <summary>What counts towards the limits of its callers. Less than nothing, where leave was given for more than was used here.</summary>
    public Spent Above => Used - ExtendedAbove;

    internal Accounts Ran(TimeSpan time) => (long)time.TotalMilliseconds is > 0 and var spent ? Add(Spent.Of(Limit.Time, spent)) : this;

    internal Accounts Turn() => Add(Spent.Of(Limit.Steps, 1));

    internal Accounts Took(Usage usage) => Add(new(0, usage.InputTokens + usage.OutputTokens, usage.Microdollars ?? 0));

    internal Accounts ChildEnded(Spent? spent) => spent is null ? this : Add(spent);

    /// <summary>A completed thread was spoken to again: its turns begin anew.</summary>
    internal Accounts SpokenTo()
    {
        var again = Spent.Of(Limit.Steps, Own.Steps);
        return this with { Extended = Extended + again, ExtendedAbove = ExtendedAbove + Spent.Of(Limit.Steps, Above.Steps) };
    }

    /// <param name="callers">The limits of the callers, where there are some.</param>
    internal Accounts Allowed(Leave? leave, Inherited? callers) => leave is null ? AllowedAsBefore(callers) : this with
    {
        Extended = Extended + Spent.Of(leave.Limit, leave.Own),
        ExtendedAbove = ExtendedAbove + Spent.Of(leave.Limit, leave.Callers),
        Unpriced = Unpriced || leave.Unpriced,
    };

    // Requests that do not say what they give, as logs of earlier versions hold them: turns and tokens begin anew, and
    // those of the callers too where they were used up.
    private Accounts AllowedAsBefore(Inherited? callers)
    {
        var usedUp = callers is not null
            && (callers.Steps.Used + Above.Steps >= callers.Steps.Most || (callers.Tokens is { } tokens && tokens.Used + Above.Tokens >= tokens.Most));
        var covered = new Spent(Used.Steps, Used.Tokens);
        return this with
        {
            Extended = Extended with { Steps = Used.Steps, Tokens = Used.Tokens },
            ExtendedAbove = usedUp ? ExtendedAbove with { Steps = callers!.Steps.Used + covered.Steps, Tokens = (callers.Tokens?.Used ?? 0) + covered.Tokens }
                : ExtendedAbove with { Steps = covered.Steps, Tokens = covered.Tokens },
        };
    }

    private Accounts Add(Spent spent) => this with { Used = Used + spent };
}
