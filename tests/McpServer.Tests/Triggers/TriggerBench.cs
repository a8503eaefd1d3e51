using System.Text.Json;
using AgentMcp.Server.Tests.Channels;
using AgentMcp.Server.Tests.Running;
using Microsoft.Data.Sqlite;

namespace AgentMcp.Server.Tests.Triggers;

/// <summary>What the tests of triggers look at besides what a client sees.</summary>
internal static class TriggerBench
{
    /// <summary>The settings of a trigger, and others.</summary>
    public static Dictionary<string, string> With(this IReadOnlyDictionary<string, string> settings, string trigger, params string[] fields)
    {
        var all = settings.ToDictionary();
        foreach (var field in fields)
        {
            all[$"triggers__{trigger}__{field.Split('=', 2)[0]}"] = field.Split('=', 2)[1];
        }

        return all;
    }

    public static object? Scalar(this Bench bench, string sql)
    {
        using var database = new SqliteConnection($"Data Source={bench.Database}");
        database.Open();
        using var command = database.CreateCommand();
#pragma warning disable CA2100 // the tests' own words
        command.CommandText = sql;
#pragma warning restore CA2100
        return command.ExecuteScalar();
    }

    /// <summary>The threads of an agent, newest first, once there are so many.</summary>
    public static async Task<string[]> Threads(this Bench bench, string agent, int count)
    {
        using var patience = new CancellationTokenSource(Bench.Patience);
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            var listed = await bench.Server.Ask("list_threads", new { agent });
            string[] found = [.. listed.GetProperty("threads").EnumerateArray().Select(thread => thread.GetProperty("thread_id").GetString()!)];
            if (found.Length >= count)
            {
                Assert.Equal(count, found.Length);
                return found;
            }
        }
    }

    /// <summary>A thread once it stands as is wanted.</summary>
    public static async Task<Reply> Until(this Bench bench, string thread, Func<Reply, bool> stands)
    {
        using var patience = new CancellationTokenSource(Bench.Patience);
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            if (await bench.Get(thread) is var reply && stands(reply))
            {
                return reply;
            }
        }
    }

    public static JsonElement Started(this Reply reply) => reply.Json.GetProperty("events")[0];
}
