using System.Text.Json;
using System.Text.Json.Serialization;
using AgentMcp.Server.Inbox;
using AgentMcp.State.Json;

namespace AgentMcp.Server.Triggers;

/// <summary>What a message from outside amounts to, in one form whatever it came through. This is what is stored until it is dealt with.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "kind")]
[JsonDerivedType(typeof(Message), "message")]
[JsonDerivedType(typeof(Answered), "answered")]
internal abstract record Incoming
{
    private static readonly JsonSerializerOptions Form = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        AllowOutOfOrderMetadataProperties = true,
    };

    /// <summary>Words for an agent: they start a thread, or go on with the one their conversation belongs to.</summary>
    /// <param name="From">Who says it, as answers name them.</param>
    /// <param name="Id">What else they are called, where they have an id.</param>
    /// <param name="About">The request whose message this replies to.</param>
    /// <param name="Tag">What the agent reads is under this tag.</param>
    /// <param name="Shown">What the agent reads: sender, place and text, or the typed input.</param>
    /// <param name="Words">The text alone; null for a typed input.</param>
    /// <param name="IsVouched">Whether it is certain that this person said it.</param>
    /// <param name="Conversation">What its trigger calls the conversation.</param>
    /// <param name="Earlier">Other names the conversation may have.</param>
    /// <param name="Channel">The channel through which replies go.</param>
    /// <param name="Place">Where in that channel.</param>
    /// <param name="Subject">What begins a thread where there are no words. It answers nothing: that of a reply is somebody else's.</param>
    public sealed record Message(
        string Agent, string From, string Tag, JsonText Shown, string? Words, bool IsVouched = false,
        string? Conversation = null, IReadOnlyList<string>? Earlier = null, string? Channel = null, JsonText? Place = null,
        string? Id = null, string? About = null, string? Subject = null) : Incoming
    {
        /// <summary>What has to fit the agent.</summary>
        public JsonText Input => Words is null ? Shown : JsonText.Write(json =>
        {
            json.WriteStartObject();
            json.WriteString("message", Words.Length > 0 ? Words : Subject ?? "");
            json.WriteEndObject();
        });
    }

    /// <summary>The answer to a request, which other software has from a person.</summary>
    /// <param name="Digest">Of what the person was asked; null where the message does not say.</param>
    public sealed record Answered(
        string Request, string By, bool? Approved = null, JsonText? Response = null, string? Comment = null, string? Digest = null) : Incoming;

    /// <summary>The same without links that sign somebody in. Who replies to a mail quotes the one in it, and what comes in is read by agents and kept.</summary>
    public Incoming WithoutLinks()
    {
        var said = Json().Text;
        var clean = LocalAccess.WithoutCodes(said);
        return said == clean ? this : Read(JsonText.Parse(clean));
    }

    public JsonText Json() => JsonText.Parse(JsonSerializer.Serialize(this, Form));

    public static Incoming Read(JsonText stored) =>
        JsonSerializer.Deserialize<Incoming>(stored.Text, Form) ?? throw new InvalidDataException("A stored message is null.");
}
