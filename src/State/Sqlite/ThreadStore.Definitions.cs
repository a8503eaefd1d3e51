using System.Collections.Concurrent;
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

    public JsonText? FindDefinition(string hash)
    {
        if (_definitions.TryGetValue(hash, out var known))
        {
            return known;
        }

        return database.Read(session => session.Scalar<string>("SELECT data FROM definitions WHERE hash = $1", hash)) is { } data
            ? _definitions.GetOrAdd(hash, JsonText.Parse(data))
            : null;
    }
}
