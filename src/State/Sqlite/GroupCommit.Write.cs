namespace AgentMcp.State.Sqlite;

// What waits for its turn, and for what became of it.
internal sealed partial class GroupCommit
{
    private abstract class Write
    {
        public abstract void Apply(Session session);

        public abstract void Refuse(Exception reason);

        public abstract void Succeed();

        public abstract void Fail(Exception reason);
    }

    private sealed class Write<T>(Func<Session, T> apply) : Write
    {
        private T _result = default!;
        private Exception? _refused;

        public TaskCompletionSource<T> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public override void Apply(Session session)
        {
            _refused = null;
            _result = apply(session);
        }

        public override void Refuse(Exception reason) => _refused = reason;

        public override void Succeed()
        {
            if (_refused is null)
            {
                Done.SetResult(_result);
            }
            else
            {
                Done.SetException(_refused);
            }
        }

        public override void Fail(Exception reason) => Done.TrySetException(reason);
    }
}
