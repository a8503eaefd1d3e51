using AgentMcp.State.Json;

namespace AgentMcp.Agents.Tools;

/// <summary>A schema that is made once somebody asks for it. Two of the same text are the same. Thread-safe.</summary>
internal sealed class LateSchema : IEquatable<LateSchema>
{
    private readonly Lazy<JsonText> _json;

    public LateSchema(JsonText json) => _json = new(json);

    public LateSchema(Func<JsonText> make) => _json = new(make);

    public JsonText Json => _json.Value;

    public bool Equals(LateSchema? other) => other is not null && (ReferenceEquals(this, other) || Json == other.Json);

    public override bool Equals(object? obj) => Equals(obj as LateSchema);

    public override int GetHashCode() => Json.GetHashCode();
}
