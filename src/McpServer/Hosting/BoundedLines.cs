using System.Buffers;
using CallId = ModelContextProtocol.Protocol.RequestId;

namespace AgentMcp.Server.Hosting;

/// <summary>
/// Standard input, a line at a time and none longer than a bound: the SDK would hold all of a line, however long, to learn
/// that it is no message. One that is too long is read over, and told to <paramref name="refuse"/> once it has ended, with
/// the id it asks under, if it asks; the next line is read as if there had been none.
/// </summary>
internal sealed class BoundedLines(Stream input, long most, Func<CallId?, CancellationToken, Task> refuse) : ReadingStream
{
    private readonly byte[] _chunk = new byte[1 << 16];
    private readonly ArrayBufferWriter<byte> _line = new();
    private readonly ArrayBufferWriter<byte> _whole = new();
    private int _given;
    private RequestHead? _tooLong;
    private bool _hasEnded;

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        while (_given == _whole.WrittenCount && !_hasEnded)
        {
            _whole.ResetWrittenCount();
            _given = 0;
            var read = await input.ReadAsync(_chunk, cancellationToken).ConfigureAwait(false);
            _hasEnded = read == 0;
            await Take(_chunk.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
        }

        var given = Math.Min(buffer.Length, _whole.WrittenCount - _given);
        _whole.WrittenMemory.Slice(_given, given).CopyTo(buffer);
        _given += given;
        return given;
    }

    private async Task Take(ReadOnlyMemory<byte> read, CancellationToken cancellation)
    {
        while (read.Span.IndexOf((byte)'\n') is >= 0 and var end)
        {
            Add(read.Span[..end]);
            if (_tooLong is { } refused)
            {
                _tooLong = null;
                await refuse(refused.Id, cancellation).ConfigureAwait(false);
            }
            else
            {
                Pass("\n"u8);
            }

            read = read[(end + 1)..];
        }

        Add(read.Span);
        if (_hasEnded)
        {
            Pass([]);
        }
    }

    private void Add(ReadOnlySpan<byte> part)
    {
        if (_tooLong is null && _line.WrittenCount + part.Length > most)
        {
            _tooLong = new();
            _tooLong.Read(_line.WrittenSpan);
            _line.Clear();
        }

        if (_tooLong is null)
        {
            _line.Write(part);
        }
        else
        {
            _tooLong.Read(part);
        }
    }

    private void Pass(ReadOnlySpan<byte> end)
    {
        _whole.Write(_line.WrittenSpan);
        _whole.Write(end);
        _line.ResetWrittenCount();
    }
}
