namespace GmemActors.Engine;

/// <summary>Messages that wait for the same thing: all of them can be delivered, or none; or, first come, the oldest alone.</summary>
internal sealed class WaitQueue(Gate? gate, bool firstCome, bool open)
{
    private Pending[] _items = new Pending[2];
    private int _head;
    private bool _open = open;

    /// <summary>What is waited for; null for messages that never wait.</summary>
    internal Gate? Gate { get; } = gate;

    /// <summary>Whether those in it can be delivered.</summary>
    internal bool IsOpen => _open;

    /// <summary>How many messages there are.</summary>
    internal int Count { get; private set; }

    /// <summary>How many of them can be delivered now.</summary>
    internal int Visible { get; private set; }

    /// <summary>The place in its <see cref="EnabledSet"/>'s list, −1 when nothing can be delivered.</summary>
    internal int Slot { get; set; } = -1;

    /// <summary>The messages, in no order of meaning unless first come.</summary>
    internal Pending this[int index] => _items[(_head + index) & (_items.Length - 1)];

    internal void Add(Pending pending, EnabledSet enabled)
    {
        if (Count == _items.Length) Grow();
        if (pending.Queue != this) pending.Queue = this;
        pending.Index = (_head + Count) & (_items.Length - 1);
        _items[pending.Index] = pending;
        Count++;
        Publish(enabled);
    }

    internal void Remove(Pending pending, EnabledSet enabled)
    {
        Check.That(pending.Queue == this && pending.Index >= 0);
        Count--;
        if (pending.Index == _head)
        {
            _items[_head] = null!;
            _head = (_head + 1) & (_items.Length - 1);
        }
        else
        {
            Check.That(!firstCome);
            var last = (_head + Count) & (_items.Length - 1);
            var moved = _items[last];
            moved.Index = pending.Index;
            _items[pending.Index] = moved;
            _items[last] = null!;
        }

        pending.Index = -1;
        Publish(enabled);
    }

    internal void SetOpen(bool open, EnabledSet enabled)
    {
        if (_open == open) return;
        _open = open;
        Publish(enabled);
    }

    private void Publish(EnabledSet enabled)
    {
        var visible = !_open ? 0 : firstCome && Count > 1 ? 1 : Count;
        if (visible == Visible) return;
        enabled.Adjust(this, Visible, visible);
        Visible = visible;
    }

    private void Grow()
    {
        var larger = new Pending[_items.Length * 2];
        for (var i = 0; i < Count; i++)
        {
            larger[i] = this[i];
            larger[i].Index = i;
        }

        _items = larger;
        _head = 0;
    }
}
