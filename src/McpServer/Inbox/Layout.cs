using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Inbox;

/// <summary>The frame around every page.</summary>
internal static class Layout
{
    public static Html Of(Page page, Visit visit, long pending) => Document(page.Title, pending, Html.Of($"""
        <header class="bar">
          <a class="brand" href="/"><svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="M7.5 12.5l3 3 6-7"/></svg>AgentMcp</a>
          {Navigation(page, visit, pending)}
        </header>
        <main id="main" tabindex="-1" data-live="{(visit.Session.SeesEverything && page.IsLive ? "yes" : "")}">
        {page.Body}
        </main>
        <footer class="foot">
          <span class="live" hidden><span class="dot"></span> Live</span>
          <button type="button" class="quiet shortcuts" hidden aria-haspopup="dialog">Keyboard shortcuts <kbd>?</kbd></button>
          <span class="zone">Times are UTC</span>
          {visit.Form("/sign-out", Html.Of($"""<button class="quiet">Sign out</button>"""))}
        </footer>
        {Shortcuts}
        """));

    /// <summary>A page for whoever is not signed in.</summary>
    public static Html Outside(string title, Html body, bool again = false) => Document(title, 0, Html.Of($"""
        <main id="main" class="outside">
        <p class="brand"><svg viewBox="0 0 24 24" aria-hidden="true"><circle cx="12" cy="12" r="10"/><path d="M7.5 12.5l3 3 6-7"/></svg>AgentMcp</p>
        {body}
        </main>
        """), again);

    private static Html Document(string title, long pending, Html body, bool again = false) => Html.Of($"""
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        {(again ? Html.Of($"""<meta http-equiv="refresh" content="0">""") : default)}
        <title>{(pending > 0 ? $"({pending}) " : "")}{title} · AgentMcp</title>
        <link rel="stylesheet" href="/inbox.css">
        <link rel="icon" href="/inbox.svg" type="image/svg+xml">
        <script src="/inbox.js" defer></script>
        </head>
        <body>
        <a class="skip" href="#main">Skip to the content</a>
        {body}
        </body>
        </html>
        """);

    // No more than so many are counted.
    private static string Counted(long pending) => pending < PendingIndex.Counted ? $"{pending}" : $"{PendingIndex.Counted}+";

    private static Html Navigation(Page page, Visit visit, long pending)
    {
        return !visit.Session.SeesEverything ? default : Html.Of($"""
            <nav aria-label="Pages">
              <a href="/"{Here("pending")}>Pending <span class="count"{Html.Flag("hidden", pending == 0)}>{Counted(pending)}</span></a>
              <a href="/threads"{Here("threads")}>Threads</a>
              <a href="/agents"{Here("agents")}>Agents</a>
            </nav>
            """);

        Html Here(string name) => page.Here == name ? Html.Of($""" aria-current="page" """) : default;
    }

    private static Html Shortcuts { get; } = Html.Of($"""
        <dialog id="shortcuts" aria-labelledby="shortcuts-title">
          <h2 id="shortcuts-title">Keyboard shortcuts</h2>
          <dl class="keys">
            <div><dt><kbd>j</kbd> <kbd>k</kbd></dt><dd>next and previous in a list</dd></div>
            <div><dt><kbd>Enter</kbd></dt><dd>open it</dd></div>
            <div><dt><kbd>a</kbd></dt><dd>go to Approve; <kbd>Enter</kbd> then approves</dd></div>
            <div><dt><kbd>r</kbd></dt><dd>write feedback, or the answer</dd></div>
            <div><dt><kbd>Ctrl</kbd> <kbd>Enter</kbd></dt><dd>in the feedback: reject with it; in an answer: send it</dd></div>
            <div><dt><kbd>n</kbd></dt><dd>next pending request</dd></div>
            <div><dt><kbd>/</kbd></dt><dd>search</dd></div>
            <div><dt><kbd>g</kbd> <kbd>p</kbd>, <kbd>t</kbd>, <kbd>a</kbd></dt><dd>pending, threads, agents</dd></div>
          </dl>
          <p><label class="check"><input type="checkbox" id="keys-on" checked> Use single keys as shortcuts</label></p>
          <form method="dialog"><button class="plain">Close</button></form>
        </dialog>
        """);
}
