using System.Collections.Concurrent;
using System.Text.Json;
using AgentMcp.State.Json;

namespace AgentMcp.State.Sqlite;

// What the agents of threads were when those began.
public sealed partial class ThreadStore
{
    private readonly ConcurrentDictionary<string, JsonText> _definitions = new(StringComparer.Ordinal);

    public async Task SaveDefinition(string hash, JsonText definition)
    {
        if (!_definitions.ContainsKey(hash))
        {
            await _commits.Run(session => session.Execute("INSERT OR IGNORE INTO definitions (hash, data) VALUES ($1, $2)", hash, definition.Text)).ConfigureAwait(false);
            _definitions[hash] = definition;
        }
    }

    /// <exception cref="InvalidDataException">What is stored is no JSON.</exception>
    public JsonText? FindDefinition(string hash)
    {
        if (_definitions.TryGetValue(hash, out var known))
        {
            return known;
        }

        if (database.Read(session => session.Scalar<string>("SELECT data FROM definitions WHERE hash = $1", hash)) is not { } data)
        {
            return null;
        }

        try
        {
            return _definitions.GetOrAdd(hash, JsonText.Parse(data));
        }
        catch (JsonException e)
        {
            throw BrokenDefinition(hash, e);
        }
    }

    /// <summary>What holds for threads under this definition, and says nothing of others.</summary>
    public static InvalidDataException BrokenDefinition(string hash, Exception e) =>
        new($"The definition {hash} that it runs under cannot be read; was it changed by hand? Restore a backup (agentmcp restore FILE).", e);
}
