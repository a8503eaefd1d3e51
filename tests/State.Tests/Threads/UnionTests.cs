using System.Text.Json.Serialization;
using AgentMcp.State.Threads;

namespace AgentMcp.State.Tests.Threads;

/// <summary>The compiler cannot close these unions; these tests do.</summary>
public class UnionTests
{
    [Fact]
    public void Every_event_has_a_name_of_its_own_in_the_log_that_is_its_type_in_snake_case()
    {
        var named = typeof(ThreadEvent).GetCustomAttributes(typeof(JsonDerivedTypeAttribute), inherit: false).Cast<JsonDerivedTypeAttribute>().ToList();
        Assert.Equal(
            SubtypesOf<ThreadEvent>().Select(type => (type.Name, (object?)System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(type.Name))).Order(),
            named.Select(attribute => (attribute.DerivedType.Name, attribute.TypeDiscriminator)).Order());
    }

    [Fact]
    public void Every_event_is_tried_in_every_state_and_can_happen_in_one()
    {
        var possible = Transitions.All().Where(t => t.To is not null).Select(t => t.Event).Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(SubtypesOf<ThreadEvent>().Select(type => System.Text.Json.JsonNamingPolicy.SnakeCaseLower.ConvertName(type.Name)).Order(StringComparer.Ordinal), possible);
    }

    [Fact]
    public void Every_state_is_tried() =>
        Assert.Equal(
            SubtypesOf<AgentMcp.State.Threads.ThreadState>().Select(type => type.Name).Order(StringComparer.Ordinal),
            Transitions.All().Select(t => t.From).Distinct().Order(StringComparer.Ordinal));

    [Fact]
    public void Every_command_is_tried_in_every_state() =>
        Assert.Equal(
            SubtypesOf<ThreadCommand>().Select(type => type.Name).Order(StringComparer.Ordinal),
            CommandTests.Commands.Select(command => command.GetType().Name).Distinct().Order(StringComparer.Ordinal));

    internal static IEnumerable<Type> SubtypesOf<T>() => typeof(T).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(T)) && !type.IsAbstract);
}
