// Appends to many threads of one database from several tasks at once, and says "thread version" for every append that
// was acknowledged, until it is killed or has made as many appends as asked for. With "hold" it keeps the file locked until
// its input ends.
using AgentMcp.State.Json;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;

const int Tasks = 8;
var path = args[0];
if (args is [_, "hold"])
{
    using var held = Database.Open(path).Connect();
    using var command = held.CreateCommand();
    command.CommandText = "BEGIN EXCLUSIVE";
    command.ExecuteNonQuery();
    Console.WriteLine("held");
    Console.In.ReadToEnd();
    return;
}

var remaining = args.Length > 1 ? int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture) : int.MaxValue;
var database = Database.Open(path);
using var owner = new Owner(database);
using var store = new ThreadStore(database, owner);
var output = TextWriter.Synchronized(Console.Out);

await Task.WhenAll(Enumerable.Range(0, Tasks).Select(worker => Task.Run(async () =>
{
    while (Interlocked.Decrement(ref remaining) >= 0)
    {
        var now = TimeProvider.System.GetUtcNow();
        var id = ThreadId.New(now);
        var started = new ThreadStarted(now, "crasher", "sha256:none", JsonText.Of("go"), "local", "test", "message_received");
        await store.Start(id, started, idempotencyKey: null, takeLease: false);
        await output.WriteLineAsync($"{id} 1");
        var log = ThreadLog.Of(id, [started]);
        (log, _) = await store.Append(log, [new StepRejected(now, "not a step", "test")]);
        await output.WriteLineAsync($"{id} {log.Thread.Version}");
        (log, _) = await store.Append(log, [new StepChosen(now, "done", JsonText.Of("bye"), "test"), new ThreadCompleted(now, JsonText.Of("bye"))]);
        await output.WriteLineAsync($"{id} {log.Thread.Version}");
    }
})));
