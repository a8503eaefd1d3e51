using AgentMcp.Server.Hosting;
using AgentMcp.Server.Inbox;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Tests.Inbox;

public sealed class Text_is_encoded
{
    [Fact]
    public void A_hole_is_text_and_only_markup_is_markup()
    {
        var bold = Html.Of($"<b>{"<i>"}</b>");
        Assert.Equal("""<p title="&quot;&#x27;&amp;">&lt;b&gt; <b>&lt;i&gt;</b>7</p>""", Html.Of($"""<p title="{"\"'&"}">{"<b>"} {bold}{7}</p>""").ToString());
        Assert.Equal("a checked", Html.Of($"a{Html.Flag("checked", true)}{Html.Flag("disabled", false)}").ToString());
    }

    [Theory]
    [InlineData("one\ntwo\n\nthree", "<p>one&#xA;two</p><p>three</p>")]
    [InlineData("- a\n- **b** `c`\n1. d", "<ul><li>a</li><li><strong>b</strong> <code>c</code></li></ul><ol><li>d</li></ol>")]
    [InlineData("# Title\n```\n**x** <y>\n```\nend", """<p class="heading">Title</p><pre><code>**x** &lt;y&gt;</code></pre><p>end</p>""")]
    [InlineData("see https://a.example/b?c=1&d=2.", """<p>see <a href="https://a.example/b?c=1&amp;d=2" target="_blank" rel="noopener noreferrer">https://a.example/b?c=1&amp;d=2</a>.</p>""")]
    [InlineData("[your bank](https://evil.example/x)", """<p><a href="https://evil.example/x" target="_blank" rel="noopener noreferrer">your bank</a> (evil.example)</p>""")]
    [InlineData("[x](javascript:alert(1)) <img src=x>", "<p>[x](javascript:alert(1)) &lt;img src=x&gt;</p>")]
    [InlineData("**<b>** `</code>` [a](https://x.example/\"onclick=)", "<p><strong>&lt;b&gt;</strong> <code>&lt;/code&gt;</code> [a](<a href=\"https://x.example/\" target=\"_blank\" rel=\"noopener noreferrer\">https://x.example/</a>&quot;onclick=)</p>")]
    [InlineData("```\nnever closed", "<pre><code>never closed</code></pre>")]
    public void A_little_markdown_is_understood_and_the_rest_is_text(string text, string markup) =>
        Assert.Equal($"""<div class="rich">{markup}</div>""", RichText.Of(text).ToString());

    [Fact]
    public void What_cannot_be_seen_is_shown() =>
        Assert.Equal("\u27E8U+202E\u27E9txt\u27E8U+200B\u27E9\u27E8U+0007\u27E9\n\té\u27E8U+E0041\u27E9 \u2764\uFE0F \U0001F680", Visible.Of("\u202Etxt\u200B\u0007\n\té\U000E0041 \u2764\uFE0F \U0001F680"));

    [Fact]
    public void A_value_is_read_by_its_names()
    {
        var value = JsonText.Parse("""{"a <b>":{"c":[1,null,""],"d":"two\nlines"},"e":{}}""");
        Assert.Equal(
            """<dl class="values"><div><dt>a &lt;b&gt;</dt><dd><dl class="values"><div><dt>c</dt><dd><ol class="values"><li><code>1</code></li><li><span class="empty">nothing</span></li>"""
            + """<li><span class="empty">empty text</span></li></ol></dd></div><div><dt>d</dt><dd><span class="text">two&#xA;lines</span></dd></div></dl></dd></div><div><dt>e</dt><dd><code>{}</code></dd></div></dl>""",
            JsonView.Of(value).ToString().ReplaceLineEndings("\n").Replace("\n", "", StringComparison.Ordinal).Replace("  ", "", StringComparison.Ordinal));
    }
}
