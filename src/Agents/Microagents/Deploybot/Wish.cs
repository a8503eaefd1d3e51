using System.Globalization;
using System.Text.RegularExpressions;

namespace AgentMcp.Agents.Microagents.Deploybot;

internal enum Part
{
    Frontend,
    Backend,
}

/// <summary>What a person asked for in plain words, as far as the rules understand words.</summary>
internal abstract partial record Wish
{
    private static readonly string[] Numbers = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

    private static readonly IReadOnlyList<Part> Both = [Part.Frontend, Part.Backend];

    private Wish()
    {
    }

    /// <param name="Order">Which parts, in the order to propose them.</param>
    /// <param name="Commit">A SHA or tag; null for the latest.</param>
    public sealed record Deploy(IReadOnlyList<Part> Order, string? Commit) : Wish;

    public sealed record ShowCommits(int Count) : Wish;

    /// <param name="Routine">Nobody asked: say nothing when nothing waits, and ask before proposing when something does.</param>
    public sealed record WhatWaits(bool Routine) : Wish;

    public sealed record WhatIsLive : Wish;

    public sealed record ToStaging : Wish;

    public sealed record Nothing : Wish;

    public sealed record Unclear : Wish;

    /// <param name="earlier">What was wanted before, which "yes", "try again" or a bare SHA refer to.</param>
    public static Wish Read(string text, Wish? earlier)
    {
        text = PlainWords.Of(text);
        var named = CommitIn(text);
        return text switch
        {
            _ when RoutineCheck().IsMatch(text) => new WhatWaits(Routine: true),
            _ when Refused(text) => new Nothing(),
            _ when Waiting().IsMatch(text) => new WhatWaits(Routine: false),
            _ when Show().IsMatch(text) => new ShowCommits(CountIn(text)),
            _ when Live().IsMatch(text) => new WhatIsLive(),
            _ when Question().IsMatch(text) => new Unclear(),
            _ when DeployVerb().IsMatch(text) && Staging().IsMatch(text) && !Production().IsMatch(text) => new ToStaging(),
            _ when DeployVerb().IsMatch(text) => new Deploy(OrderIn(text), named),
            _ when named is not null && earlier is Deploy deploy => deploy with { Commit = named },
            _ when Assent().IsMatch(text) => earlier is WhatWaits ? new Deploy(Both, null) : earlier ?? new Unclear(),
            _ => new Unclear(),
        };
    }

    /// <summary>What a rejection's comment makes of the rest of a deploy; null when it says nothing to go by.</summary>
    public static Deploy? Corrected(string comment, Part rejected, Deploy wanted)
    {
        comment = PlainWords.Of(comment);
        if (Refusal().IsMatch(comment) && !Instead().IsMatch(comment))
        {
            return null;
        }

        var commit = Instead().IsMatch(comment) || DeployVerb().IsMatch(comment) ? CommitIn(comment) : null;
        var others = wanted.Order.Where(part => part != rejected);
        return (PartsIn(comment), First().IsMatch(comment)) switch
        {
            ([var first, _], _) when first != rejected => new([first, rejected], commit ?? wanted.Commit),
            ([var first], true) when first != rejected => new([first, rejected, .. others.Where(part => part != first)], commit ?? wanted.Commit),
            ([var only], false) when only != rejected => new([only], commit ?? wanted.Commit),
            _ when commit is not null && commit != wanted.Commit => wanted with { Commit = commit },
            _ => null,
        };
    }

    private static bool Refused(string text) => Refusal().IsMatch(text) || (No().IsMatch(text) && !DeployVerb().IsMatch(text));

    private static IReadOnlyList<Part> OrderIn(string text) => (PartsIn(text), First().IsMatch(text)) switch
    {
        ([], _) => Both,
        ([var first], true) => [first, first == Part.Backend ? Part.Frontend : Part.Backend],
        var (parts, _) => parts,
    };

    /// <summary>The parts named, in the order they are to happen.</summary>
    private static List<Part> PartsIn(string text)
    {
        var meant = NotThis().Replace(text, " ");
        List<(Match Match, Part Part)> named = [(Frontend().Match(meant), Part.Frontend), (Backend().Match(meant), Part.Backend)];
        List<Part> found = [.. named.Where(part => part.Match.Success).OrderBy(part => part.Match.Index).Select(part => part.Part)];
        if (found.Count == 2 && After().IsMatch(meant))
        {
            found.Reverse();
        }

        return found;
    }

    private static string? CommitIn(string text) =>
        Sha().Match(text) is { Success: true } sha ? sha.Value.ToLowerInvariant()
        : Tag().Match(text) is { Success: true } tag ? tag.Groups["name"].Value.TrimEnd('.')
        : null;

    private static int CountIn(string text)
    {
        var said = HowMany().Match(text).Value.ToLowerInvariant();
        return said.Length == 0 ? (LastOne().IsMatch(text) ? 1 : 5)
            : int.TryParse(said, NumberStyles.None, CultureInfo.InvariantCulture, out var digits) ? Math.Clamp(digits, 1, 100)
            : Array.IndexOf(Numbers, said) + 1;
    }

    private const RegexOptions Any = RegexOptions.IgnoreCase | RegexOptions.CultureInvariant;

    [GeneratedRegex(@"\b(daily|routine|scheduled|nightly)\b.*\bcheck|\bcheck\b.*\b(daily|routine)\b", Any)]
    private static partial Regex RoutineCheck();

    [GeneratedRegex(@"\b(do not|don't|dont|never)\s+(deploy|ship|release|promote|push|do)|^\W*(no,?\s+)?(stop|cancel|nothing|never ?mind|not (now|yet|today)|later|tomorrow)\b", Any)]
    private static partial Regex Refusal();

    [GeneratedRegex(@"^\W*(no|nope|nah)\b", Any)]
    private static partial Regex No();

    [GeneratedRegex(@"^\W*(when|who|why|how|did|has|have|was|were|is|are|does)\b", Any)]
    private static partial Regex Question();

    [GeneratedRegex(@"\b(instead|rather|use|take|go with)\b", Any)]
    private static partial Regex Instead();

    [GeneratedRegex(@"\bafter\b", Any)]
    private static partial Regex After();

    [GeneratedRegex(@"\b(anything|something|what|which|commits?|changes?)\b.*\b(waiting|waits?|undeployed|unreleased|pending|to (be )?(deploy|release|ship)(ed)?)\b", Any)]
    private static partial Regex Waiting();

    [GeneratedRegex(@"\b(show|list|see|give me|tell me|what (are|is|were))\b.*\bcommits?\b", Any)]
    private static partial Regex Show();

    [GeneratedRegex(@"\b(what|which|who)\b.*\b(live|deployed|running|runs|in production|on production|serving)\b", Any)]
    private static partial Regex Live();

    [GeneratedRegex(@"\b(deploy|ship|release|promote|push|roll ?out|publish|bring|put)\b", Any)]
    private static partial Regex DeployVerb();

    [GeneratedRegex(@"\bstaging\b", Any)]
    private static partial Regex Staging();

    [GeneratedRegex(@"\bprod(uction)?\b|\blive\b", Any)]
    private static partial Regex Production();

    [GeneratedRegex(@"^\W*(yes|yep|yeah|sure|ok|okay|please do|go ahead|do (it|that|so)|(please )?(try )?(it )?again|retry|continue|go on)\b", Any)]
    private static partial Regex Assent();

    [GeneratedRegex(@"\bfirst\b", Any)]
    private static partial Regex First();

    [GeneratedRegex(@"\b(not|without|except|skip|but no|leave out)\s+(the\s+)?(front[ -]?end|back[ -]?end|web ?site|web app|api)\b", Any)]
    private static partial Regex NotThis();

    [GeneratedRegex(@"\bfront[ -]?end\b|\bweb ?site\b|\bweb app\b", Any)]
    private static partial Regex Frontend();

    [GeneratedRegex(@"\bback[ -]?end\b|\bapi\b", Any)]
    private static partial Regex Backend();

    // With a digit in it, or "defaced" and "effaced" would be commits.
    [GeneratedRegex(@"\b(?=[0-9a-f]*[0-9])[0-9a-f]{7,64}\b", Any)]
    private static partial Regex Sha();

    [GeneratedRegex(@"\b(?:tag|version)\s+(?=[A-Za-z._/+-]*[0-9])(?<name>[A-Za-z0-9][A-Za-z0-9._/+-]*)|\b(?<name>prod-[0-9][A-Za-z0-9._-]*|v[0-9]+(?:\.[0-9]+)+[A-Za-z0-9.+-]*)", Any)]
    private static partial Regex Tag();

    [GeneratedRegex(@"\b([0-9]{1,3}|one|two|three|four|five|six|seven|eight|nine|ten)\b", Any)]
    private static partial Regex HowMany();

    [GeneratedRegex(@"\b(latest|newest|last) commit\b", Any)]
    private static partial Regex LastOne();
}
