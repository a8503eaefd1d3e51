using AgentMcp.State.Sqlite;
using static AgentMcp.State.Tests.Happened;

namespace AgentMcp.State.Tests.Sqlite;

public sealed class ApiKeysTests : IDisposable
{
    private readonly TemporaryDatabase _files = new();
    private readonly ApiKeys _keys;

    public ApiKeysTests() => _keys = new(_files.Open(), _files.Store());

    [Fact]
    public async Task Of_a_name_there_is_one_key_in_force_in_whatever_case()
    {
        Assert.True(await _keys.Add(Key('a', "mia"), "local", "cli"));

        Assert.False(await _keys.Add(Key('b', "Mia"), "local", "cli"));
        Assert.Equal(("mia", null), (_keys.Named("MIA")?.Name, _keys.Named("mi")?.Name));
        await _keys.Revoke("mia", Nine.AddSeconds(1), "local", "cli");
        Assert.True(await _keys.Add(Key('b', "Mia"), "local", "cli"));
        Assert.Equal("Mia", _keys.Named("mia")?.Name);
    }

    [Fact]
    public async Task Two_that_differ_in_case_alone_and_are_there_already_hold_until_each_is_taken_back()
    {
        await _keys.Add(Key('a', "mia"), "local", "cli");
        _files.Execute($"""
            INSERT INTO api_keys (id, name, hash, roles, created_at) VALUES ('{new string('b', 12)}', 'Mia', zeroblob(32), '["run"]', {Nine.AddSeconds(1).ToUnixTimeMilliseconds()})
            """);
        var again = new ApiKeys(_files.Open(), _files.Store());

        Assert.Equal(("mia", "Mia"), (again.Named("mia")?.Name, again.Named("Mia")?.Name));
        Assert.Equal(new string('a', 12), (await again.Revoke("mia", Nine.AddSeconds(2), "local", "cli"))?.Id);
        Assert.Equal((false, true), (again.Find(new('a', 12))!.HoldsAt(Nine.AddSeconds(3)), again.Find(new('b', 12))!.HoldsAt(Nine.AddSeconds(3))));
    }

    public void Dispose() => _files.Dispose();

    private static ApiKey Key(char id, string name) => new(new(id, 12), name, new byte[32], ["run"], null, Nine, null, null);
}
