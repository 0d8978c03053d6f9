namespace GmemActors.Engine;

/// <summary>
/// Readers that never wait, and updaters that wait until all are gone who read when the update was made.
/// </summary>
/// <remarks>
/// The kernel's SRCU. To read is to hold it shared, so that a reader who forgets to leave is found as any lock's holder is.
/// An IPI that waits for every CPU in some mode is of the same kind: to be in that mode is to read.
/// </remarks>
public sealed class Srcu : Lock
{
    private readonly WaitQueue _arrivals;
    private readonly List<GracePeriod> _gracePeriods = [];

    /// <summary>A domain of <paramref name="owner"/> without readers.</summary>
    public Srcu(Actor owner, string name) : base(owner, name) => _arrivals = new(this, firstCome: false, open: true);

    /// <summary>
    /// Where <paramref name="updater"/> waits, for its <see cref="Actor.GateOf"/>: <c>synchronize_srcu()</c>.
    /// </summary>
    /// <remarks>Who begins to read after the updater's latest step sees what it did, and is not waited for.</remarks>
    public Gate Synchronize(KernelTask updater)
    {
        var gracePeriod = new GracePeriod(this, updater.LastStep);
        if (!gracePeriod.IsOver) _gracePeriods.Add(gracePeriod);
        return gracePeriod;
    }

    internal override bool CanTake(LockMode mode) => mode == LockMode.Shared;

    internal override bool Arrived() => false;

    internal override WaitQueue QueueFor(Message message) => _arrivals;

    private protected override void Update()
    {
        for (var i = _gracePeriods.Count - 1; i >= 0; i--)
        {
            if (_gracePeriods[i].EndIfOver()) _gracePeriods.RemoveAt(i);
        }
    }

    private sealed class GracePeriod : Gate
    {
        private readonly Srcu _readers;
        private readonly long _start;
        private readonly WaitQueue _updater;

        internal GracePeriod(Srcu readers, long start) : base(readers.Owner, readers.Name)
        {
            _readers = readers;
            _start = start;
            _updater = new(this, firstCome: false, open: IsOver);
        }

        internal bool IsOver
        {
            get
            {
                for (var i = 0; i < _readers.ReaderCount; i++)
                {
                    if (_readers.Reader(i).Step <= _start) return false;
                }

                return true;
            }
        }

        internal override Gate HeldBy => _readers;

        internal bool EndIfOver()
        {
            if (!IsOver) return false;
            _updater.SetOpen(true, Owner.Enabled!);
            return true;
        }

        internal override WaitQueue QueueFor(Message message) => _updater;

        internal override void AddBlockers(Pending waiter, List<Blocker> blockers)
        {
            for (var i = 0; i < _readers.ReaderCount; i++)
            {
                if (_readers.Reader(i).Step <= _start) blockers.Add(new(_readers.Reader(i).Task, "reads"));
            }
        }
    }
}
