namespace GmemActors.Engine;

/// <summary>The messages that can be delivered now.</summary>
/// <remarks>
/// They are grouped by what they waited for, so that a lock with a thousand waiters costs no more, taken or given back, than
/// a lock with one. The order is a function of the execution alone, but has no meaning.
/// </remarks>
public sealed class EnabledSet
{
    private WaitQueue[] _queues = new WaitQueue[8];
    private int _queueCount;

    /// <summary>How many there are.</summary>
    public int Count { get; private set; }

    /// <summary>What is being delivered; null before the first step.</summary>
    internal Pending? Delivering { get; set; }

    /// <summary>How many groups they are in: by what they waited for.</summary>
    internal int GroupCount => _queueCount;

    /// <summary>One of them, 0 … <see cref="Count"/> − 1. Costs time with the number of groups: to see all, enumerate.</summary>
    public Pending this[int index]
    {
        get
        {
            for (var i = 0; ; i++)
            {
                var queue = _queues[i];
                if (index < queue.Visible) return queue[index];
                index -= queue.Visible;
            }
        }
    }

    /// <summary>All of them.</summary>
    public Enumerator GetEnumerator() => new(this);

    internal void Adjust(WaitQueue queue, int before, int after)
    {
        Count += after - before;
        if (before == 0) Insert(queue);
        else if (after == 0) Delete(queue);
    }

    private void Insert(WaitQueue queue)
    {
        if (_queueCount == _queues.Length) Array.Resize(ref _queues, _queueCount * 2);
        queue.Slot = _queueCount;
        _queues[_queueCount++] = queue;
    }

    private void Delete(WaitQueue queue)
    {
        var last = _queues[--_queueCount];
        last.Slot = queue.Slot;
        _queues[queue.Slot] = last;
        _queues[_queueCount] = null!;
        queue.Slot = -1;
    }

    /// <summary>Walks the set; it must not change meanwhile.</summary>
    public struct Enumerator
    {
        private readonly EnabledSet _set;
        private int _queue;
        private int _index = -1;

        internal Enumerator(EnabledSet set) => _set = set;

        /// <summary>The message the walk stands at.</summary>
        public readonly Pending Current => _set._queues[_queue][_index];

        /// <summary>Goes to the next message, if there is one.</summary>
        public bool MoveNext()
        {
            if (_queue >= _set._queueCount) return false;
            if (++_index < _set._queues[_queue].Visible) return true;
            _index = 0;
            return ++_queue < _set._queueCount;
        }
    }
}
