using System.Text.Json;
using AgentMcp.State.Threads;

namespace AgentMcp.Faults.Sweep;

internal static class Requests
{
    public static (ThreadId Thread, RequestId Request) Parse(string? id) =>
        RequestId.TryParse(id, out var thread, out var request) ? (thread, request) : throw new InvalidDataException($"'{id}' is no request id.");
}

/// <summary>
/// The host and the person of one thread. Whoever dies, they only do what real ones can: repeat the call that got no
/// answer, look where it stands, and answer what is asked, sometimes twice, and sometimes in two places at once.
/// </summary>
internal sealed class Errand(int number, Scenario scenario, KillSweep sweep)
{
    private readonly Random _random = sweep.RandomOf("errand", number);
    private readonly Person _person = new(sweep);
    private readonly HashSet<string> _unsure = [];

    public int Number => number;

    public Scenario Scenario => scenario;

    public string? Thread { get; private set; }

    public static string KeyOf(int number) => $"errand {number}";

    public async Task Run()
    {
        var cancels = _random.Next(100) < 8 ? _random.Next(1, 4) : -1;
        var seen = await Start();
        while (true)
        {
            var status = Text(seen, "status");
            if (status is "completed" or "failed" or "cancelled")
            {
                sweep.Finished(this, status, seen);
                return;
            }

            if (--cancels == 0)
            {
                sweep.Note($"errand {number}: cancels {Thread}");
                seen = await Ask("cancel_thread", new { thread_id = Thread, reason = "no longer wanted" });
                continue;
            }

            var requests = status == "pending" ? seen.GetProperty("requests").EnumerateArray().Where(request => Text(request, "kind") is not ("child" or "sleep")).ToList() : [];
            seen = requests.Count == 0
                ? await Ask("wait_thread", new { thread_id = Thread, wait_seconds = 2 })
                : await Answer(requests[_random.Next(requests.Count)]);
        }
    }

    private Task<JsonElement> Start() => Ask("invoke_agent", new { agent = scenario.Agent, input = scenario.Input, idempotency_key = KeyOf(number), wait_seconds = 1 });

    // Of an agent that needs another server, which is not there for now, nothing is started.
    private static bool IsLater(string tool, JsonElement result) => tool == "invoke_agent" && IsError(result) && Words(result).Contains("cannot start without its tools", StringComparison.Ordinal);

    private async Task<JsonElement> Answer(JsonElement request)
    {
        var id = Text(request, "id");
        var (answer, other) = await _person.Decide(request, _random, scenario);
        // An answer that was sent and never acknowledged may have counted, so a different one may be refused from now on.
        switch (_random.Next(100))
        {
            case < 15:
                await Give(id, answer);
                return await Give(id, answer) ?? await Look();
            case < 30:
                return (await Task.WhenAll(Give(id, answer), Give(id, answer))).FirstOrDefault(seen => seen is not null) ?? await Look();
            case < 45 when other is not null:
                _unsure.Add(id);
                return (await Task.WhenAll(Give(id, answer), Give(id, other))).FirstOrDefault(seen => seen is not null) ?? await Look();
            default:
                return await Give(id, answer) ?? await Look();
        }
    }

    /// <returns>Null when no answer came, or another one counted.</returns>
    private async Task<JsonElement?> Give(string request, Answer answer)
    {
        var (thread, number) = Requests.Parse(request);
        if (answer.Approves is { } arguments)
        {
            sweep.Archive.Approve(thread.Value, number.Version, arguments);
            sweep.Depot.Approve(thread, number.Version, arguments);
        }

        var call = answer.Arguments(Thread!, request);
        try
        {
            var life = await sweep.Fleet.Any(_random);
            var result = await life.Call("resume_thread", call);
            if (!IsError(result))
            {
                sweep.Archive.Acknowledge(new(thread.Value, number.Version, answer.Said));
                return Seen(result);
            }

            if (Words(result).Contains("already_answered", StringComparison.Ordinal) && _unsure.Contains(request))
            {
                return null;
            }

            throw new InvalidDataException($"resume_thread {JsonSerializer.Serialize(call)} was refused: {Words(result)}");
        }
        catch (GoneException)
        {
            _unsure.Add(request);
            return null;
        }
    }

    private Task<JsonElement> Look() => Ask("get_thread", new { thread_id = Thread });

    private async Task<JsonElement> Ask(string tool, object arguments)
    {
        while (true)
        {
            var life = await sweep.Fleet.Any(_random);
            try
            {
                var result = await life.Call(tool, arguments);
                if (IsLater(tool, result))
                {
                    await Task.WhenAny(sweep.Pulse.After(5), Task.Delay(TimeSpan.FromSeconds(1)));
                    continue;
                }

                return result.TryGetProperty("structuredContent", out _) ? Seen(result) : throw new InvalidDataException($"{tool} {JsonSerializer.Serialize(arguments)} was refused: {Words(result)}");
            }
            catch (GoneException)
            {
                // The same again, from whoever lives. Asked at once, those who are gone and not yet known to be would keep every thread of the pool busy, also those that could tell.
                await sweep.Fleet.Without(life);
            }
        }
    }

    private JsonElement Seen(JsonElement result)
    {
        var seen = result.GetProperty("structuredContent");
        Thread = Text(seen, "thread_id");
        sweep.Told(seen);
        return seen;
    }

    private static bool IsError(JsonElement result) => result.TryGetProperty("isError", out var error) && error.GetBoolean();

    private static string Words(JsonElement result) => result.GetProperty("content")[0].GetProperty("text").GetString()!;

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}
