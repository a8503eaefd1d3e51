namespace AgentMcp.Server.Tools;

/// <summary>
/// How far one call has said that it is. The protocol wants each value to be greater than the one before, whoever says
/// it; what is counted can be less, as when the thread that asks has fewer events than all of them together.
/// </summary>
internal sealed class ToldProgress
{
    private const float Least = 0.01f;
    private float _told;

    public float Next(float counted) => _told = MathF.Max(counted, MathF.Max(_told + Least, MathF.BitIncrement(_told)));
}
