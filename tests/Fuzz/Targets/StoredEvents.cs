using System.Globalization;
using System.Text;
using System.Text.Json;
using AgentMcp.Fuzz.Doors;
using AgentMcp.Fuzz.Inputs;
using AgentMcp.Server.Inbox;
using AgentMcp.State.Threads;
using CsCheck;
using Microsoft.Data.Sqlite;

namespace AgentMcp.Fuzz.Targets;

/// <summary>A database that somebody wrote into: each input is a copy of a thread, one event of which is not as it was.</summary>
internal sealed class StoredEvents : IDisposable
{
    private readonly HttpDoor _door;
    private readonly SqliteConnection _database;
    private readonly (string Thread, string[] Events)[] _samples;
    private readonly string _cookie;

    private StoredEvents(HttpDoor door, string cookie, string[] threads)
    {
        (_door, _cookie) = (door, cookie);
        _database = new($"Data Source={door.Core.Database.Path};Pooling=False;Default Timeout=60");
        _database.Open();
        Execute("PRAGMA ignore_check_constraints = ON; PRAGMA foreign_keys = OFF; DROP TRIGGER events_are_never_changed; DROP TRIGGER events_are_never_deleted");
        _samples = [.. threads.Select(thread => (thread, door.Core.Host.Get(ThreadId.Parse(thread), "local").Events.Select(ThreadJson.Write).ToArray()))];
    }

    public static async Task<StoredEvents> Open(HttpDoor door, params string[] threads)
    {
        var link = new Uri(new LocalAccess(door.Core.Database.Path, TimeProvider.System).SignInLink(door.Url.ToString(), TimeSpan.FromHours(1)));
        var (_, _, signed) = await door.Send(HttpMethod.Post, "/sign-in", Encoding.UTF8.GetBytes(link.Query.TrimStart('?')), "application/x-www-form-urlencoded", ("Origin", link.GetLeftPart(UriPartial.Authority)));
        return new(door, signed.Headers.GetValues("Set-Cookie").Single().Split(';')[0], threads);
    }

    public Target Target() => new("stored events", Gen.OneOf(_samples)
        .SelectMany(sample => Gen.Int[0, sample.Events.Length - 1].SelectMany(at => Mutation.OfJson(sample.Events[at]).Select(data => (sample.Thread, sample.Events, at, data))))
        .Select(input => new Attempt($"event {input.at + 1} of {string.Join(' ', input.Events.Select(data => JsonElement.Parse(data).GetProperty("type")))}: {input.data}", async () =>
        {
            var copy = ThreadId.New(DateTimeOffset.UtcNow).Value;
            try
            {
                Copy(input.Thread, copy, input.at + 1, input.data);
            }
            catch (SqliteException)
            {
                Execute("ROLLBACK");
                return "the database refuses it";
            }

            try
            {
                return await Look(copy);
            }
            finally
            {
                Execute("DELETE FROM events WHERE thread_id = $1; DELETE FROM threads WHERE thread_id = $1; DELETE FROM leases WHERE thread_id = $1", copy);
            }
        })), _door.Process, ("shown 200", 15), ("shown 503", 5));

    public void Dispose() => _database.Dispose();

    // Everything there is that reads a thread, and what goes on with it.
    private async Task<string> Look(string thread)
    {
        List<int> statuses = [];
        var shown = await _door.Rest(HttpMethod.Get, $"/threads/{thread}?include_events=true", null);
        statuses.Add(shown.Status);
        foreach (var page in new[] { $"/threads/{thread}", "/", "/threads", $"/threads/{thread}/log.json", $"/threads/{thread}/steps/2" })
        {
            statuses.Add((await _door.Send(HttpMethod.Get, page, null, null, ("Cookie", _cookie))).Status);
        }

        statuses.Add((await _door.Rest(HttpMethod.Get, "/requests", null)).Status);
        foreach (var (method, name, parameters) in new[]
            {
                ("tools/call", "get_thread", """{"name":"get_thread","arguments":{"thread_id":"@0@","include_events":true}}""".With(thread)),
                ("resources/read", $"thread://{thread}/transcript", """{"uri":"thread://@0@/transcript"}""".With(thread)),
                ("tasks/get", thread, """{"taskId":"@0@"}""".With(thread)),
            })
        {
            await Messages.Post(_door, Encoding.UTF8.GetBytes(Samples.Message(method, Samples.WithMeta(parameters))), method, name);
        }

        var answered = await _door.Rest(HttpMethod.Post, $"/threads/{thread}/answer", """{"approved":true,"wait_seconds":0}""");
        var cancelled = await _door.Rest(HttpMethod.Post, $"/threads/{thread}/cancel", "{}");
        return string.Create(CultureInfo.InvariantCulture, $"shown {statuses[0]}, answered {answered.Status}, cancelled {cancelled.Status}");
    }

    private void Copy(string thread, string copy, int version, string data)
    {
        Execute("""
            BEGIN IMMEDIATE;
            INSERT INTO threads (thread_id, agent, principal, status, kind, version, parent_id, root_id, created_at, updated_at, due_at)
              SELECT $2, agent, principal, status, kind, version, parent_id, $2, created_at, updated_at, due_at FROM threads WHERE thread_id = $1;
            INSERT INTO events (thread_id, version, data) SELECT $2, version, iif(version = $3, $4, data) FROM events WHERE thread_id = $1;
            COMMIT
            """, thread, copy, version, data);
    }

    private void Execute(string sql, params object[] values)
    {
        using var command = _database.CreateCommand();
#pragma warning disable CA2100 // our own words
        command.CommandText = sql;
#pragma warning restore CA2100
        for (var i = 0; i < values.Length; i++)
        {
            command.Parameters.AddWithValue($"${i + 1}", values[i]);
        }

        command.ExecuteNonQuery();
    }
}
