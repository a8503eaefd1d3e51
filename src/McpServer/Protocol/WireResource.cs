using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol;

/// <summary>
/// A resource, or a template with one <c>{id}</c>, read by a function of that id. Made by hand because the SDK's
/// factory compiles each from a method by reflection, and a stdio host pays for that at every start.
/// </summary>
internal sealed class WireResource(ResourceTemplate template, Func<RequestContext<ReadResourceRequestParams>, string, string> read) : McpServerResource
{
    private const string Variable = "{id}";
    private readonly string[] _around = template.UriTemplate.Split(Variable);

    public override ResourceTemplate ProtocolResourceTemplate => template;

    public override IReadOnlyList<object> Metadata => [];

    public override bool IsMatch(string uri) => IdIn(uri) is not null;

    public override ValueTask<ReadResourceResult> ReadAsync(RequestContext<ReadResourceRequestParams> request, CancellationToken cancellationToken = default) => ValueTask.FromResult(
        new ReadResourceResult
        {
            Contents = [new TextResourceContents { Uri = request.Params.Uri, MimeType = template.MimeType, Text = read(request, IdIn(request.Params.Uri)!) }],
        });

    private string? IdIn(string uri) => _around switch
    {
        [var whole] => uri == whole ? "" : null,
        [var before, var after] when uri.Length > before.Length + after.Length
            && uri.StartsWith(before, StringComparison.Ordinal) && uri.EndsWith(after, StringComparison.Ordinal)
            && uri[before.Length..^after.Length] is var id && !id.Contains('/') => id,
        _ => null,
    };
}
