using System.Text.Json.Nodes;
using AgentMcp.Server.Access;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Protocol.Tasks;
using AgentMcp.State.Sqlite;
using AgentMcp.State.Threads;
using ModelContextProtocol.Protocol;
using ModelContextProtocol.Server;

namespace AgentMcp.Server.Protocol.Subscriptions;

/// <summary>One open <c>subscriptions/listen</c>: what was granted, and what its client was told last.</summary>
internal sealed class ListenStream(RequestContext<SubscriptionsListenRequestParams> request, Core core, Watch watch, TaskShape tasks)
{
    private readonly Principal _principal = Principal.Of(request.User);
    private readonly ThreadUris _uris = new(watch, thread => core.Below(thread, Principal.Of(request.User)), thread => core.Sees(Principal.Of(request.User), thread));
    private readonly HashSet<string> _lists = [];
    private readonly Dictionary<ThreadId, TaskState?> _tasks = [];
    private readonly Dictionary<ThreadId, HashSet<ThreadId>> _above = [];

    public static JsonObject Tag(JsonRpcRequest request) => new()
    {
        [MetaKeys.SubscriptionId] = request.Id.Id is long number ? JsonValue.Create(number) : JsonValue.Create(request.Id.ToString()),
    };

    /// <summary>
    /// Says what was granted: what was asked for, as far as there is such a thing and it is the caller's. A task is
    /// told once at the start too, for it may have ended before its client listened, and would never move again.
    /// </summary>
    public async Task Acknowledge(SubscriptionsListenNotifications asked, IReadOnlyList<string>? taskIds, CancellationToken cancellation)
    {
        var granted = new JsonObject();
        Grant(asked.ToolsListChanged, "toolsListChanged", NotificationMethods.ToolListChangedNotification);
        Grant(asked.PromptsListChanged, "promptsListChanged", NotificationMethods.PromptListChangedNotification);
        Grant(asked.ResourcesListChanged, "resourcesListChanged", NotificationMethods.ResourceListChangedNotification);
        if (_uris.Add(asked.ResourceSubscriptions ?? [], threads => core.SeenBy(_principal, threads)) is { Count: > 0 } uris)
        {
            granted["resourceSubscriptions"] = new JsonArray([.. uris.Select(uri => JsonValue.Create(uri))]);
        }

        var owned = Follow(taskIds ?? []);
        if (owned.Count > 0)
        {
            granted["taskIds"] = new JsonArray([.. owned.Select(task => JsonValue.Create(task.Value))]);
        }

        await Send(NotificationMethods.SubscriptionsAcknowledgedNotification, new() { ["notifications"] = granted }, cancellation).ConfigureAwait(false);
        foreach (var task in owned)
        {
            await TellTask(task, cancellation).ConfigureAwait(false);
        }

        void Grant(bool? wanted, string name, string method)
        {
            if (wanted == true)
            {
                granted[name] = true;
                _lists.Add(method);
            }
        }
    }

    public async Task Tell(Moves moves, CancellationToken cancellation)
    {
        foreach (var list in moves.Lists.Where(_lists.Contains))
        {
            await Send(list, [], cancellation).ConfigureAwait(false);
        }

        foreach (var thread in moves.Threads)
        {
            foreach (var uri in _uris.Of(thread))
            {
                await Send(NotificationMethods.ResourceUpdatedNotification, new() { ["uri"] = uri }, cancellation).ConfigureAwait(false);
            }

            if (_tasks.ContainsKey(thread))
            {
                await TellTask(thread, cancellation).ConfigureAwait(false);
            }

            foreach (var task in _above.GetValueOrDefault(thread)?.ToList() ?? [])
            {
                await TellTask(task, cancellation).ConfigureAwait(false);
            }
        }
    }

    private IReadOnlyList<ThreadId> Follow(IReadOnlyList<string> taskIds)
    {
        var named = taskIds.Select(id => ThreadId.TryParse(id, out var thread) ? thread : (ThreadId?)null)
            .OfType<ThreadId>().Distinct().Take(ThreadUris.Most).ToList();
        var versions = core.SeenBy(_principal, named);
        foreach (var (thread, version) in versions)
        {
            _tasks[thread] = null;
            watch.Follow(thread, version);
        }

        return [.. named.Where(versions.ContainsKey)];
    }

    private async Task TellTask(ThreadId thread, CancellationToken cancellation)
    {
        if (News(thread) is { } news)
        {
            await Send(TasksExtension.Notification, news, cancellation).ConfigureAwait(false);
        }
    }

    // Null where there is nothing to tell: a step that leaves the task as it was is not worth a message.
    private JsonObject? News(ThreadId thread)
    {
        try
        {
            return core.Sees(_principal, thread) ? News(thread, tasks.Of(thread, _principal, request.JsonRpcRequest)) : null;
        }
        catch (RefusedException)
        {
            // It was seen for what it asked, and has been answered by somebody else; or it was purged.
            return null;
        }
        catch (DatabaseException)
        {
            // What cannot be read now can be in a moment; the other tasks are followed meanwhile.
            watch.Missed(thread);
            return null;
        }
    }

    private JsonObject? News(ThreadId thread, ThreadTask now)
    {
        foreach (var below in now.Below)
        {
            (_above.TryGetValue(below.Id, out var above) ? above : _above[below.Id] = []).Add(thread);
            watch.Follow(below.Id, below.Version);
        }

        if (_tasks[thread] == now.State)
        {
            return null;
        }

        var news = now.Json();
        _tasks[thread] = now.State;
        return news;
    }

    private Task Send(string method, JsonObject parameters, CancellationToken cancellation)
    {
        parameters.Insert(0, "_meta", Tag(request.JsonRpcRequest));
        return request.Server.SendMessageAsync(new JsonRpcNotification { Method = method, Params = parameters }, cancellation);
    }
}
