using GmemActors.Engine;

namespace GmemActors.Actors;

public sealed partial class Vm
{
    private Reply HandleMmu(KernelTask sender, Message message)
    {
        switch (message)
        {
            case ReadMmuInvalidateSeq read:
                return read.Reply(_invalidation.Seq);
            case MmuInvalidateRetryGfnUnsafe retry:
                return retry.Reply(_invalidation.RetryGfnUnsafe(retry.Snapshot, retry.Gfn));
            case MmuInvalidateRetryGfn retry:
                Lockdep.AssertHeld(sender, _mmuLock, LockMode.Shared);
                return retry.Reply(_invalidation.RetryGfn(sender, retry.Snapshot, retry.Gfn));
            case IsPageFaultStale stale:
                Lockdep.AssertHeld(sender, _mmuLock, LockMode.Shared);
                return stale.Reply(StalenessOf(sender, stale));
            case PreFaultAllowed allowed:
                return allowed.Reply(_preFaultAllowed);
            case RwlockNeedbreak needbreak:
                return needbreak.Reply(_mmuLock.HasWaiters);
            case KvmMmuInvalidateBegin:
                Lockdep.AssertHeld(sender, _mmuLock);
                _invalidation.Begin();
                return Reply.Done;
            case KvmMmuInvalidateRangeAdd add:
                Lockdep.AssertHeld(sender, _mmuLock);
                _invalidation.RangeAdd(sender, add.Range);
                return Reply.Done;
            case KvmMmuInvalidateEnd:
                Lockdep.AssertHeld(sender, _mmuLock);
                _invalidation.End(sender);
                KvmBug(sender, _invalidation.InProgress < 0, "mmu_invalidate_in_progress < 0");
                return Reply.Done;
            default:
                return HandleRoots(sender, message);
        }
    }

    private Staleness StalenessOf(KernelTask sender, IsPageFaultStale fault)
    {
        if (RootOf(fault.Vcpu) is not { IsInvalid: false }) return Staleness.ObsoleteRoot;
        return _invalidation.RetryGfn(sender, fault.Snapshot, fault.Gfn) ? Staleness.Invalidated : Staleness.None;
    }
}
