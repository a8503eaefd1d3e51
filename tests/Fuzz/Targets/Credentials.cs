using System.Text;
using AgentMcp.Fuzz.Doors;
using AgentMcp.Fuzz.Inputs;
using AgentMcp.Server.Access;
using CsCheck;

namespace AgentMcp.Fuzz.Targets;

/// <summary>What is shown to come in: keys and tokens that are nearly right, and right ones that say what they should not.</summary>
internal static class Credentials
{
    // More than a header may have, and than all of them together.
    private static readonly int[] Lengths = [300, 9_000, 30_000, 70_000];

    public static async Task<Target> Target(HttpDoor door)
    {
        var now = DateTimeOffset.UtcNow;
        var (key, text) = KeyRing.Make("mia", ["run"], null, now, null);
        await door.Core.Keys.Add(key, "local", "cli");
        var (signer, claims) = (door.Signer, Signer.Claims(door.Core.Settings.Access.Oidc!.Authority.ToString().TrimEnd('/'), TimeSpan.FromHours(-1)));
        var token = signer.Sign(Signer.Header, claims);
        string[] right = ["Bearer " + text, "Bearer " + token];
        string[] wrong =
        [
            "Bearer", "Bearer amk_0123456789ab_" + new string('w', 43), "Basic bWlhOnNlY3JldA==", "Digest username=\"mia\"", "Bearer a.b.c", "Bearer ..", "Bearer eyJhbGciOiJub25lIn0." + Signer.Encoded(claims) + ".",
            "Bearer " + signer.Sign(Signer.Header, Signer.Claims("http://127.0.0.1:1", TimeSpan.FromHours(-1))), "Bearer " + signer.Sign(Signer.Header, Signer.Claims(door.Core.Settings.Access.Oidc.Authority.ToString().TrimEnd('/'), TimeSpan.FromDays(-9))),
        ];
        var shown = Gen.Frequency(
            (2, Gen.OneOf(right).Select(header => new Shown(header, false))),
            (8, Mutation.OfText([.. right, .. wrong]).Select(header => new Shown(header, false))),
            (6, Mutation.OfJson(claims).Select(hostile => new Shown("Bearer " + signer.Sign(Signer.Header, hostile), true))),
            (3, Mutation.OfJson(Signer.Header).Select(hostile => new Shown("Bearer " + signer.Sign(hostile, claims), true))),
            (1, Gen.Select(Gen.OneOf(["Bearer ", "Bearer amk_", "Bearer a.", ""]), Gen.OneOf(Lengths), (start, length) => new Shown(start + new string('a', length), false))));
        return new("keys and tokens", Gen.Select(shown, Gen.OneOf(["GET /api/v1/threads", "DELETE /mcp", "GET /agents"])).Select((credential, line) => new Attempt($"{line} {credential.Header}", async () =>
        {
            var (status, answer) = await door.Raw(Encoding.UTF8.GetBytes($"{line} HTTP/1.1\r\nHost: 127.0.0.1:{door.Url.Port}\r\nAuthorization: {credential.Header}\r\nConnection: close\r\n\r\n"), isWhole: true);
            return status != "200" || credential.IsSigned || right.Any(one => credential.Header.Contains(one["Bearer ".Length..^1], StringComparison.Ordinal)) ? status
                : throw new UnclearException($"it let in what is neither key nor token: {answer}");
        })), door.Process, ("200", 2), ("401", 20));
    }

    /// <param name="IsSigned">By the issuer: whether it is let in is up to what it says.</param>
    private sealed record Shown(string Header, bool IsSigned);
}
