using System.Text;
using System.Text.Json;
using CallId = ModelContextProtocol.Protocol.RequestId;

namespace AgentMcp.Server.Hosting;

/// <summary>
/// Finds the id of a request in a message that is not kept, read in parts: many clients write it last, after all that made
/// the message large. Holds no more of it than a name and an id may have.
/// </summary>
internal sealed class RequestHead
{
    private const int Longest = 200;
    private readonly List<byte> _value = [];
    private string? _name;
    private string? _id;
    private bool _isRequest;
    private bool _isText;
    private bool _isEscaped;
    private int _depth;

    /// <summary>What an answer to it would be for; null where it has no id that can be told, or is none that is answered.</summary>
    public CallId? Id
    {
        get
        {
            if (!_isRequest || _id is null)
            {
                return null;
            }

            try
            {
                return JsonElement.Parse(_id) switch
                {
                    { ValueKind: JsonValueKind.String } text => new CallId(text.GetString()!),
                    { ValueKind: JsonValueKind.Number } number when number.TryGetInt64(out var whole) => new CallId(whole),
                    _ => null,
                };
            }
            catch (Exception e) when (e is JsonException or InvalidOperationException)
            {
                return null;
            }
        }
    }

    public void Read(ReadOnlySpan<byte> part)
    {
        foreach (var one in part)
        {
            Read(one);
        }
    }

    private void Read(byte one)
    {
        if (_isText)
        {
            Keep(one);
            _isText = one != '"' || _isEscaped;
            _isEscaped = one == '\\' && !_isEscaped;
            return;
        }

        switch (one)
        {
            case (byte)'{' or (byte)'[':
                _depth++;
                break;
            case (byte)'}' or (byte)']':
                End();
                _depth--;
                break;
            case (byte)':' when _depth == 1:
                _name = Kept();
                break;
            case (byte)',':
                End();
                break;
            case (byte)' ' or (byte)'\t' or (byte)'\r':
                break;
            default:
                _isText = one == '"';
                Keep(one);
                break;
        }
    }

    private void Keep(byte one)
    {
        if (_depth == 1 && _value.Count <= Longest)
        {
            _value.Add(one);
        }
    }

    private void End()
    {
        if (_depth != 1)
        {
            return;
        }

        var value = Kept();
        _isRequest |= _name == "\"method\"";
        _id = _name == "\"id\"" && value.Length <= Longest ? value : _id;
        _name = null;
    }

    private string Kept()
    {
        var kept = Encoding.UTF8.GetString([.. _value]);
        _value.Clear();
        return kept;
    }
}
