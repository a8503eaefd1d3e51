using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using AgentMcp.Server.Hosting;

namespace AgentMcp.Server.Inbox;

/// <summary>
/// Markup. In <c>Html.Of($"...")</c> the literal parts are markup and every hole is text, encoded where it stands;
/// only a hole that is Html itself goes in as it is. There is no way to turn a string into markup.
/// </summary>
internal readonly struct Html
{
    // What means something in markup is encoded; the letters of all languages are left readable.
    private static readonly HtmlEncoder Encoder = HtmlEncoder.Create(UnicodeRanges.All);

    private readonly string? _markup;

    private Html(string markup) => _markup = markup;

    public bool IsEmpty => string.IsNullOrEmpty(_markup);

    public static Html Of(Writer markup) => new(markup.ToString());

    /// <summary>An attribute without a value, there or not.</summary>
    public static Html Flag(string name, bool given) => given ? Of($" {name}") : default;

    /// <summary>
    /// What a person typed, back in the control it was typed into: sent once more it must be what it was, so nothing in it is
    /// written by its number.
    /// </summary>
    public static Html Typed(string text) => new(Encoder.Encode(text));

    public static Html Join(IEnumerable<Html> parts) => Of($"{parts}");

    public override string ToString() => _markup ?? "";

    [InterpolatedStringHandler]
    internal readonly struct Writer
    {
        private readonly StringBuilder _text;

        public Writer(int literalLength, int formattedCount) => _text = new StringBuilder(literalLength + (formattedCount * 16));

        public void AppendLiteral(string markup) => _text.Append(markup);

        public void AppendFormatted(Html markup) => _text.Append(markup._markup);

        public void AppendFormatted(IEnumerable<Html> parts)
        {
            foreach (var part in parts)
            {
                _text.Append(part._markup);
            }
        }

        public void AppendFormatted(long number) => _text.Append(number);

        public void AppendFormatted(string? text) => _text.Append(Encoder.Encode(Visible.Of(text ?? "")));

        public override string ToString() => _text.ToString();
    }
}
