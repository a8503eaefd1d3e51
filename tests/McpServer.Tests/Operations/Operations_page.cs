using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using AgentMcp.Agents;
using AgentMcp.Agents.Telemetry;
using AgentMcp.Server.Hosting;
using AgentMcp.Server.Tests.Running;
using AgentMcp.State.Sqlite;

namespace AgentMcp.Server.Tests.Operations;

public sealed class Operations_page
{
    [Fact]
    public void It_names_every_metric_there_is_and_every_setting()
    {
        var names = new HashSet<string>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            if (instrument.Meter.Name is StepMetrics.MeterName or Tracing.Name)
            {
                lock (names)
                {
                    names.Add(instrument.Name);
                }
            }
        };
        listener.Start();
        using var folder = new TestFolder();
        using var database = Database.Open(folder.Database);
        using var counts = new DatabaseMetrics(database, TimeProvider.System);
        using var steps = new StepMetrics();
        foreach (var type in typeof(Tracing).Assembly.GetTypes().Concat(typeof(DatabaseMetrics).Assembly.GetTypes()).Where(type => type.Name is "RunMetrics" or "ModelSpan" or "DeliveryMetrics"))
        {
            RuntimeHelpers.RunClassConstructor(type.TypeHandle);
        }

        var page = File.ReadAllText(Path.Combine(Repository.Root, "docs", "operations.md"));
        Assert.True(names.Count > 15, string.Join(' ', names));
        lock (names)
        {
            Assert.Equal([], names.Concat(["log", "log_format", "otlp", "telemetry_content", "drain"]).Where(name => !page.Contains($"`{name}`", StringComparison.Ordinal)));
        }
    }
}
