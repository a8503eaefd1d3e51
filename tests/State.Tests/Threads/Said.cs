using AgentMcp.State.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.State.Tests.Threads;

/// <summary>Answers, given at ten.</summary>
internal static class Said
{
    public static readonly Responder Mia = new("mia", "stdio");

    public static Answer Yes(int? request = null, string? comment = null) => By(Mia, request, approved: true, comment: comment);

    public static Answer No(int? request = null, string? comment = null) => By(Mia, request, approved: false, comment: comment);

    public static Answer Words(string json, int? request = null) => By(Mia, request, response: json);

    public static Answer By(Responder who, int? request = null, bool? approved = null, string? response = null, string? comment = null) =>
        new(Happened.Ten, who, request is { } id ? new RequestId(id) : null, approved, response is null ? null : JsonText.Parse(response), comment);
}
