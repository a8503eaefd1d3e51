namespace AgentMcp.State.Threads;

/// <summary>
/// Events name earlier ones by their number. Whoever shows or runs a thread relies on that; a log from the disk is looked
/// over once, so that one that was changed by hand is told as that, wherever it is read.
/// </summary>
internal static class References
{
    /// <exception cref="InvalidDataException">An event refers to one that is not there, or is another than it must be.</exception>
    /// <param name="from">How many events at the beginning were looked over before.</param>
    public static void Check(IReadOnlyList<ThreadEvent> log, int from)
    {
        for (var i = from; i < log.Count; i++)
        {
            var sound = log[i] switch
            {
                ToolStarted e => Is<StepChosen>(e.Call.Version, i),
                ToolReturned e => Is<StepChosen>(e.Call.Version, i),
                ToolFailed e => Is<StepChosen>(e.Call.Version, i),
                StepJudged e => Is<StepChosen>(e.Call.Version, i),
                RequestAnswered e => Is<RequestOpened>(e.Request.Version, i),
                RequestExpired e => Is<RequestOpened>(e.Request.Version, i),
                RequestWithdrawn e => Is<RequestOpened>(e.Request.Version, i),
                SleepEnded e => Is<RequestOpened>(e.Request.Version, i),
                AnswerRefused e => Is<RequestOpened>(e.Request.Version, i),
                DeliveryFailed e => Is<RequestOpened>(e.Request.Version, i),
                RequestOpened { Call: { } call } => Is<StepChosen>(call.Version, i),
                _ => true,
            };
            if (!sound)
            {
                throw new InvalidDataException($"Event {i + 1} refers to one that is not there, or is of another kind; was the log changed by hand?");
            }
        }

        bool Is<T>(int version, int before) => version >= 1 && version <= before && log[version - 1] is T;
    }
}
