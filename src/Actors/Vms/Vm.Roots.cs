using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

// The page tables and who uses them. Which root a vCPU has loaded is kept here, with the references on it.
public sealed partial class Vm
{
    private readonly List<TdpPageTable> _roots = [];
    private TdpPageTable?[] _loaded = [];

    /// <summary>Its page tables, the newest last, for properties.</summary>
    internal IReadOnlyList<TdpPageTable> Roots => _roots;

    /// <summary>The frame that a guest's frame is mapped to, for properties; none if it is not.</summary>
    public Pfn? Maps(Gfn gfn)
    {
        if (_roots.Count == 0 || _roots[^1].IsInvalid || _roots[^1].Walk(gfn) is not { IsPresent: true } found) return null;
        return found.PfnOf(gfn);
    }

    /// <summary>Whether that frame is mapped as a part of 2M.</summary>
    public bool MapsHuge(Gfn gfn) => _roots.Count > 0 && !_roots[^1].IsInvalid && _roots[^1].Walk(gfn).Level == PageLevel.Level2M;

    // The newest root if it is valid, else a new one: all vCPUs are alike, so one root is enough for them.
    private void Load(Vcpu vcpu)
    {
        if (vcpu.Index >= _loaded.Length) Array.Resize(ref _loaded, vcpu.Index + 4);
        if (_roots.Count == 0 || _roots[^1].IsInvalid) _roots.Add(new(Frames));
        _roots[^1].RefCount++;
        _loaded[vcpu.Index] = _roots[^1];
    }

    private Reply HandleRoots(KernelTask sender, Message message)
    {
        switch (message)
        {
            case TdpWalk walk:
                _sptesField.ReadOnce(sender);
                return walk.Reply(RootOf(walk.Vcpu)!.Walk(walk.Gfn));
            case ReadSpte read:
                _sptesField.ReadOnce(sender);
                return read.Reply(RootOf(read.Vcpu)!.Read(read.Gfn, read.Level));
            case TryCmpxchgSpte map:
                Lockdep.AssertHeld(sender, _mmuLock, LockMode.Shared);
                _sptesField.WriteOnce(sender);
                return map.Reply(RootOf(map.Vcpu)!.TryCmpxchg(map.Gfn, map.Level, map.Old, map.New));
            case TdpMmuZapNextLeaf zap:
                Lockdep.AssertHeld(sender, _mmuLock);
                _sptesField.Write(sender);
                return zap.Reply(ZapNext(zap.Range));
            case HasRoot has:
                return has.Reply(RootOf(has.Vcpu) is not null);
            case KvmTdpMmuAllocRoot alloc:
                Lockdep.AssertHeld(sender, _mmuLock, LockMode.Shared);
                Load(alloc.Vcpu);
                return Reply.Done;
            case KvmTdpMmuPutRoot put:
                Lockdep.AssertHeld(sender, _mmuLock, LockMode.Shared);
                Put(RootOf(put.Vcpu)!);
                _loaded[put.Vcpu.Index] = null;
                return Reply.Done;
            case IsObsoleteRoot obsolete:
                return obsolete.Reply(RootOf(obsolete.Vcpu) is { IsInvalid: true });
            case KvmTdpMmuInvalidateRoots:
                Lockdep.AssertHeld(sender, _mmuLock);
                foreach (var root in _roots) root.Invalidate();
                return Reply.Done;
            case TdpMmuZapInvalidRoot zap:
                Lockdep.AssertHeld(sender, _mmuLock, LockMode.Shared);
                _sptesField.WriteOnce(sender);
                return zap.Reply(ZapInvalidRoot());
            default:
                return HandleLpage(sender, message);
        }
    }

    private TdpPageTable? RootOf(Vcpu vcpu) => vcpu.Index < _loaded.Length ? _loaded[vcpu.Index] : null;

    // In all roots, valid or not: who uses an invalid one may still be on the way out.
    private ZappedLeaf ZapNext(GfnRange range)
    {
        var zapped = false;
        foreach (var root in _roots)
        {
            var cursor = range.Start;
            while (root.Next(range, ref cursor, out var gfn, out var leaf))
            {
                if (zapped) return ZappedLeaf.AndThereIsMore;
                zapped = true;
                root.TryCmpxchg(gfn, leaf.Level, leaf, Spte.None);
            }
        }

        return zapped ? ZappedLeaf.TheLast : ZappedLeaf.None;
    }

    private bool ZapInvalidRoot()
    {
        var scheduled = _roots.Find(root => root.IsScheduledToZap);
        if (scheduled is null) return false;
        scheduled.Clear();
        Put(scheduled);
        return true;
    }

    private void Put(TdpPageTable root)
    {
        if (--root.RefCount == 0) _roots.Remove(root);
    }
}
