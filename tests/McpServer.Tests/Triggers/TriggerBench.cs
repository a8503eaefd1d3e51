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

    public static void Execute(this Bench bench, string sql) => bench.Scalar(sql);

    /// <summary>What a query finds, once it finds something.</summary>
    public static async Task<object> Found(this Bench bench, string sql)
    {
        using var patience = new CancellationTokenSource(Bench.Patience);
        while (true)
        {
            patience.Token.ThrowIfCancellationRequested();
            if (bench.Scalar(sql) is { } found and not DBNull)
            {
                return found;
            }

            await Task.Yield();
        }
    }

    /// <summary>The thread of a conversation once it stands so.</summary>
    public static async Task<Reply> Stands(this Bench bench, string trigger, string conversation, string status) =>
        await bench.Until((string)await bench.Found($"SELECT thread_id FROM places WHERE source = '{trigger}' AND conversation = '{conversation}' ORDER BY thread_id DESC LIMIT 1"), reply => reply.Status == status);

    /// <summary>Why a message was refused after it was stored.</summary>
    public static async Task<string> Refused(this Bench bench, string id) => (string)await bench.Found($"SELECT error FROM arrivals WHERE id = '{id}' AND state = 'refused'");

    /// <summary>The prompt a model had for the first step, as the command line shows it.</summary>
    public static async Task<string> FirstPrompt(this Bench bench, string thread, int step = 2)
    {
        using var agentmcp = RunningServer.Launch(["show", thread, "--prompt", $"{step}"], bench.Database);
        var shown = await agentmcp.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await agentmcp.WaitForExitAsync(TestContext.Current.CancellationToken);
        return shown.ReplaceLineEndings("\n").Split("--- user ---\n")[1];
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
