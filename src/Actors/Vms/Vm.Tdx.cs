using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

public sealed partial class Vm
{
    private readonly KvmTdx _tdx = new();
    private readonly MirrorPageTable? _mirror;

    /// <summary>The private half of its page tables, for properties; none if it is no trust domain.</summary>
    internal MirrorPageTable? Mirror => _mirror;

    /// <summary>What KVM knows of the trust domain, for properties.</summary>
    internal KvmTdx Tdx => _tdx;

    /// <summary>Gives it a trust domain before the world runs, built by whoever calls.</summary>
    public void SetTd(TrustDomain td, Pfn tdcs, TdState state)
    {
        (_tdx.Td, _tdx.Tdr, _tdx.Hkid, _tdx.Tdcs, _tdx.State) = (td, td.Tdr, td.Hkid, tdcs, state);
        _preFaultAllowed = state == TdState.Runnable;
    }

    /// <summary>Whether KVM_PRE_FAULT_MEMORY is allowed, for properties.</summary>
    public bool IsPreFaultAllowed => _preFaultAllowed;

    /// <summary>The trust domain that it is; none before it is created, and after it is gone. For properties.</summary>
    public TrustDomain? Td => _tdx.Td;

    /// <summary>Gives its mirror root a page table before the world runs, which the secure EPT has too.</summary>
    public void AddPageTable(Gfn gfn, PageLevel level, Pfn externalSpt) => _mirror!.Write(gfn, level, MirrorSpte.Table(externalSpt));

    /// <summary>Gives its mirror root a page before the world runs, which the secure EPT has too.</summary>
    public void AddPrivatePage(Gfn gfn, Pfn pfn) => _mirror!.Write(gfn, PageLevel.Level4K, MirrorSpte.Leaf(pfn));

    private Reply HandleTdx(KernelTask sender, Message message)
    {
        switch (message)
        {
            case ReadKvmTdx read:
                return read.Reply(new(_tdx.State, _tdx.Hkid is not null));
            case ReadTd read:
                return read.Reply(_tdx.Td);
            case ReadWaitForSeptZap read:
                return read.Reply(_tdx.WaitForSeptZap);
            case WriteWaitForSeptZap write:
                Lockdep.AssertHeld(sender, _mmuLock);
                _tdx.WaitForSeptZap = write.Value;
                return Reply.Done;
            case WriteTdState write:
                _tdx.State = write.State;
                return Reply.Done;
            case ReadHkid read:
                return read.Reply(_tdx.Hkid);
            case WriteHkid write:
                _tdx.Hkid = write.Hkid;
                return Reply.Done;
            case WriteTdr write:
                _tdx.Tdr = write.Tdr;
                _tdx.Td = write.Tdr is { } tdr ? new(Machine.Tdx!, Machine.Memory, tdr, _tdx.Hkid!.Value) : null;
                return Reply.Done;
            case ReadTdcs read:
                return read.Reply(_tdx.Tdcs);
            case WriteTdcs write:
                _tdx.Tdcs = write.Tdcs;
                return Reply.Done;
            case ReadPageAddSrc read:
                return read.Reply(_tdx.PageAddSrc);
            case WritePageAddSrc write:
                Lockdep.AssertHeld(sender, SlotsMutex);
                _tdx.PageAddSrc = write.Source;
                return Reply.Done;
            case TdxLeakPage leak:
                _tdx.Leaked.Add(leak.Pfn);
                return Reply.Done;
            default:
                return HandleMirror(sender, message);
        }
    }

    private Reply HandleMirror(KernelTask sender, Message message)
    {
        switch (message)
        {
            case ReadMirrorSpte read:
                return read.Reply(_mirror!.Read(read.Gfn, read.Level));
            case TryCmpxchgMirrorSpte change:
                Lockdep.AssertHeld(sender, _mmuLock, LockMode.Shared);
                return change.Reply(_mirror!.TryCmpxchg(change.Gfn, change.Level, change.Old, change.New));
            case KvmTdpMmuWriteSpte write:
                var isFrozen = _mirror!.Read(write.Gfn, write.Level).Kind == MirrorKind.Frozen;
                Lockdep.AssertHeld(sender, _mmuLock, isFrozen ? LockMode.Shared : LockMode.Exclusive);
                _mirror.Write(write.Gfn, write.Level, write.Spte);
                return Reply.Done;
            case NextMirrorLeaf next:
                return next.Reply(_mirror!.Next(next.Range));
            case MirrorTablesMissing missing:
                return missing.Reply(_mirror!.MissingTables(missing.Gfn));
            case MirrorTables tables:
                return tables.Reply(_mirror!.Tables());
            default:
                return HandleMemslots(sender, message);
        }
    }
}
