namespace AgentMcp.Agents.Tests;

/// <summary>Answers of GitHub and Vercel, with the members that are read and some that are not.</summary>
internal static class WireFacts
{
    public const string New = "9f2c1ab000000000000000000000000000000000";
    public const string Old = "51e07dd000000000000000000000000000000000";

    public static string CommitOf(string sha) =>
        $$$"""{"sha":"{{{sha}}}","html_url":"https://github.example/commit/{{{sha}}}","commit":{"message":"Fix login","author":{"name":"Mia","date":"2026-01-31T10:00:00Z"},"committer":{"name":"GitHub","date":"2026-01-31T10:05:00Z"} } }""";

    public static string RunsOf(params int[] ids) =>
        $$"""{"total_count":{{ids.Length}},"workflow_runs":[{{string.Join(",", ids.Select(id =>
            $$$"""{"id":{{{id}}},"status":"queued","conclusion":null,"head_sha":"{{{New}}}","html_url":"https://github.example/runs/{{{id}}}","created_at":"2026-02-01T12:00:00Z","actor":{"login":"mia"},"display_title":"Deploy backend"}"""))}}]}""";

    public static string Deployments(params (string Id, string Target, string Substate)[] all) =>
        $$"""{"deployments":[{{string.Join(",", all.Reverse().Select((one, at) =>
            $$$"""{"uid":"{{{one.Id}}}","url":"{{{one.Id}}}.vercel.example","created":{{{1769900000000 + at}}},"state":"READY","readyState":"READY","readySubstate":"{{{one.Substate}}}","target":"{{{one.Target}}}","creator":{"username":"mia-dev"},"meta":{"githubCommitSha":"{{{New}}}","githubCommitMessage":"Fix login","githubCommitAuthorName":"Mia"} }"""))}}],"pagination":{"count":{{all.Length}}} }""";
}
