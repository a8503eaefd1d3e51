using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace AgentMcp.Server.Tests.Operations;

/// <summary>A collector on this machine: it takes OTLP over HTTP and keeps what real processes send.</summary>
internal sealed class Collector : IAsyncDisposable
{
    private readonly WebApplication _app;

    public Collector()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(System.Net.IPAddress.Loopback, 0));
        _app = builder.Build();
        _app.MapPost("/v1/traces", context => Take(context, message => Each(message, 2, SpanOf, Spans)));
        _app.MapPost("/v1/metrics", context => Take(context, message => Each(message, 2, PointsOf, Points)));
        _app.MapPost("/v1/logs", context => Take(context, message => Each(message, 2, LineOf, Lines)));
        _app.Start();
    }

    public string Url => _app.Urls.First();

    public ConcurrentQueue<Span> Spans { get; } = new();

    public ConcurrentQueue<Point> Points { get; } = new();

    public ConcurrentQueue<Line> Lines { get; } = new();

    /// <summary>All that was received, as it came, to look for what must not be in it.</summary>
    public ConcurrentQueue<byte[]> Bodies { get; } = new();

    /// <summary>What could not be read of it; there must be none.</summary>
    public ConcurrentQueue<Exception> Errors { get; } = new();

    public bool Holds(string text) => Bodies.Any(body => body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    private async Task Take(HttpContext context, Action<Protobuf> keep)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        Bodies.Enqueue(body.ToArray());
        try
        {
            keep(new(body.ToArray()));
        }
        catch (Exception e)
        {
            Errors.Enqueue(e);
            throw;
        }

        context.Response.ContentType = "application/x-protobuf";
    }

    // Resource, scope, item: the three levels are the same for all signals.
    private static void Each<T>(Protobuf message, int items, Func<int, Protobuf, IEnumerable<T>> read, ConcurrentQueue<T> into)
    {
        foreach (var resource in message.All(1))
        {
            var process = int.Parse(Attributes(resource.One(1), 1)["process.pid"], CultureInfo.InvariantCulture);
            foreach (var item in resource.All(2).SelectMany(scope => scope.All(items)).SelectMany(item => read(process, item)))
            {
                into.Enqueue(item);
            }
        }
    }

    private static IEnumerable<Span> SpanOf(int process, Protobuf span) =>
    [
        new(process, span.Text(5), span.Hex(1), span.Hex(2), span.Hex(4), span.Number(7), Attributes(span, 9), [.. span.All(13).Select(link => link.Hex(2))], span.One(15).Number(3) == 2),
    ];

    private static IEnumerable<Line> LineOf(int process, Protobuf line) =>
        [new(process, line.One(5).Text(1), line.Hex(9), line.Hex(10), line.Number(1), Attributes(line, 6))];

    // Gauges and sums have their points under the same number, histograms too; only the numbers of what is in a point differ.
    private static IEnumerable<Point> PointsOf(int process, Protobuf metric) =>
        from kind in (int[])[5, 7, 9]
        from point in metric.One(kind).All(1)
        select kind == 9
            ? new Point(process, metric.Text(1), point.Number(4), Attributes(point, 9))
            : new Point(process, metric.Text(1), point.Has(6) ? point.Number(6) : BitConverter.UInt64BitsToDouble(point.Number(4)), Attributes(point, 7));

    private static Dictionary<string, string> Attributes(Protobuf owner, int field) => owner.All(field).ToDictionary(pair => pair.Text(1), pair => pair.One(2) switch
    {
        var value when value.Has(3) => value.Number(3).ToString(CultureInfo.InvariantCulture),
        var value when value.Has(4) => BitConverter.UInt64BitsToDouble(value.Number(4)).ToString(CultureInfo.InvariantCulture),
        var value when value.Has(2) => value.Number(2) == 1 ? "true" : "false",
        var value => value.Text(1),
    });

    /// <param name="Process">The process that sent it.</param>
    public sealed record Span(
        int Process, string Name, string Trace, string Id, string Parent, ulong Start, Dictionary<string, string> Attributes, IReadOnlyList<string> Links, bool IsError);

    /// <param name="Value">Of a histogram: how often something was recorded.</param>
    public sealed record Point(int Process, string Name, double Value, Dictionary<string, string> Attributes)
    {
        public override string ToString() => $"{Name} {string.Join(' ', Attributes.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{pair.Key}={pair.Value}"))}";
    }

    public sealed record Line(int Process, string Text, string Trace, string Span, ulong Time, Dictionary<string, string> Attributes);
}
