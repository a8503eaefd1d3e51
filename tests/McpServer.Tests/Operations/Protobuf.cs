using System.Buffers.Binary;
using System.Text;

namespace AgentMcp.Server.Tests.Operations;

/// <summary>A protobuf message, read without its schema: fields by number, in their order.</summary>
internal readonly record struct Protobuf(ReadOnlyMemory<byte> Bytes)
{
    public IEnumerable<Protobuf> All(int field) => Fields().Where(found => found.Number == field).Select(found => new Protobuf(found.Bytes));

    public Protobuf One(int field) => All(field).FirstOrDefault();

    public string Text(int field) => Encoding.UTF8.GetString(One(field).Bytes.Span);

    public string Hex(int field) => Convert.ToHexStringLower(One(field).Bytes.Span);

    /// <summary>A number of whatever form; zero where it is left out, as zeros are.</summary>
    public ulong Number(int field) => Fields().FirstOrDefault(found => found.Number == field).Value;

    public bool Has(int field) => Fields().Any(found => found.Number == field);

    private IEnumerable<(int Number, ulong Value, ReadOnlyMemory<byte> Bytes)> Fields()
    {
        var rest = Bytes;
        while (!rest.IsEmpty)
        {
            var tag = Varint(ref rest);
            var (value, bytes) = (tag & 7) switch
            {
                0 => (Varint(ref rest), default),
                1 => (BinaryPrimitives.ReadUInt64LittleEndian(Take(ref rest, 8).Span), default(ReadOnlyMemory<byte>)),
                2 => (0UL, Take(ref rest, (int)Varint(ref rest))),
                5 => (BinaryPrimitives.ReadUInt32LittleEndian(Take(ref rest, 4).Span), default(ReadOnlyMemory<byte>)),
                var other => throw new InvalidDataException($"wire type {other}"),
            };
            yield return ((int)(tag >> 3), value, bytes);
        }
    }

    private static ulong Varint(ref ReadOnlyMemory<byte> rest)
    {
        var value = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = Take(ref rest, 1).Span[0];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }
    }

    private static ReadOnlyMemory<byte> Take(ref ReadOnlyMemory<byte> rest, int count)
    {
        var taken = rest[..count];
        rest = rest[count..];
        return taken;
    }
}
