using System.Net;
using System.Text;
using AgentMcp.Agents.Microagents.Deploybot;
using AgentMcp.Agents.Microagents.Pipeline;

namespace AgentMcp.Agents.Tests.Pipeline;

/// <summary>
/// A real repository with a bare remote, its releases, and two real services that serve what is deployed: a page from
/// the release their link leads to, settings from the commit of the backend, one file for each environment.
/// </summary>
internal sealed class Shop : IDisposable
{
    private readonly Service _staging;
    private readonly Service _production;

    public Shop()
    {
        File.WriteAllText(Git, """
            #!/bin/sh
            case " $* " in *" ls-remote "*) if [ -e "$0.off" ]; then echo 'fatal: unable to access the remote' >&2; exit 128; fi;; esac
            exec git "$@"
            """);
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(Git, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }

        _staging = new(this, "staging");
        _production = new(this, "current");
    }

    public Monorepo Repo { get; } = new();

    public PipelineSettings Settings => new(_staging.Address, _production.Address, Frontend: "web");

    public PipelineWorld World => WorldWith(settle: null);

    public PipelineWorld WorldWith(TimeSpan? settle) => new(Settings with { Settle = settle }, new(Repo.Clone, Repo.Releases), new LocalTarget(new(Repo.Clone, Repo.Releases, Git: Git), Repo.Clock), new(), Repo.Clock);

    /// <summary>Whether the pipeline reaches the remote. The agents it calls do, either way.</summary>
    public bool IsRemoteReached
    {
        set
        {
            File.Delete(Git + ".off");
            if (!value)
            {
                File.WriteAllText(Git + ".off", "");
            }
        }
    }

    private string Git => Path.Combine(Repo.Home, "git.sh");

    /// <summary>A commit whose page says its message, with settings for both environments unless told otherwise.</summary>
    public string Merge(string message, string? production = "{}", string? checks = """[{"path":"/","contains":"MESSAGE"},{"path":"/version","contains":"{backend} {frontend}"},{"path":"/settings"}]""")
    {
        Write("web/index.html", $"<h1>{message}</h1>");
        Write("config/staging.json", "{}");
        Write("checks.json", checks?.Replace("MESSAGE", message, StringComparison.Ordinal));
        Write("config/current.json", production);
        Monorepo.Git(Repo.Clone, "add", "--all");
        return Repo.Commit(message);
    }

    /// <summary>What production serves at a path, asked over HTTP.</summary>
    public async Task<string> Production(string path)
    {
        using var http = new HttpClient();
        return await http.GetStringAsync(new Uri(_production.Address, path), TestContext.Current.CancellationToken);
    }

    public string? Link(string name) => new DirectoryInfo(Path.Combine(Repo.Releases, name)).LinkTarget;

    public string StatusOf(string build) =>
        System.Text.Json.JsonElement.Parse(File.ReadAllText(Path.Combine(Repo.Releases, build, "release.json"))).GetProperty("status").GetString()!;

    public void Dispose()
    {
        _staging.Dispose();
        _production.Dispose();
        Repo.Dispose();
    }

    private void Write(string file, string? text)
    {
        var path = Path.Combine(Repo.Clone, file);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (text is null)
        {
            File.Delete(path);
        }
        else
        {
            File.WriteAllText(path, text);
        }
    }

    private sealed class Service : IDisposable
    {
        private readonly HttpListener _listener;
        private readonly Shop _shop;
        private readonly string _link;

        public Service(Shop shop, string link)
        {
            (_shop, _link, _listener) = (shop, link, Listen(out var address));
            Address = address;
            _ = Task.Run(Serve);
        }

        public Uri Address { get; }

        public void Dispose() => _listener.Close();

        // A listener cannot ask for a free port, so one that another test took a moment ago is passed over.
        private static HttpListener Listen(out Uri address)
        {
            for (var tries = 0; ; tries++)
            {
                using var free = new System.Net.Sockets.TcpListener(IPAddress.Loopback, 0);
                free.Start();
                address = new($"http://127.0.0.1:{((IPEndPoint)free.LocalEndpoint).Port}/");
                free.Stop();
                var listener = new HttpListener { Prefixes = { address.ToString() } };
                try
                {
                    listener.Start();
                    return listener;
                }
                catch (HttpListenerException) when (tries < 10)
                {
                    listener.Close();
                }
            }
        }

        private async Task Serve()
        {
            while (_listener.IsListening)
            {
                try
                {
                    var call = await _listener.GetContextAsync();
                    var found = Find(call.Request.Url!.AbsolutePath);
                    call.Response.StatusCode = found is null ? 404 : 200;
                    call.Response.Close(Encoding.UTF8.GetBytes(found ?? "not here"), willBlock: false);
                }
                catch (Exception e) when (e is HttpListenerException or ObjectDisposedException)
                {
                    return;
                }
            }
        }

        private string? Find(string path)
        {
            if (_shop.Link(_link) is not { } build)
            {
                return null;
            }

            var frontend = System.Text.Json.JsonElement.Parse(File.ReadAllText(Path.Combine(_shop.Repo.Releases, build, "release.json"))).GetProperty("git_commit_sha").GetString()!;
            var backend = _link == "staging" ? frontend : _shop.Repo.RemoteRefs.Split('\n').LastOrDefault(line => line.Contains("/prod-", StringComparison.Ordinal))?.Split(' ')[1];
            return path switch
            {
                "/version" => $"{backend} {frontend}",
                "/settings" => Monorepo.Git(_shop.Repo.Clone, "ls-tree", "--name-only", backend ?? "HEAD", $"config/{_link}.json") is { Length: > 0 } file
                    ? Monorepo.Git(_shop.Repo.Clone, "show", $"{backend}:{file}") : null,
                "/" => File.ReadAllText(Path.Combine(_shop.Repo.Releases, build, "index.html")),
                _ => null,
            };
        }
    }
}
