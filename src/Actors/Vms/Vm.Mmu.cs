using GmemActors.Engine;

namespace GmemActors.Actors;

public sealed partial class Vm
{
    private Reply HandleMmu(KernelTask sender, Message message)
    {
        switch (message)
        {
            case ReadSpte read:
                return read.Reply(_tdp.Read(read.Gfn));
            case ReadMmuInvalidateSeq read:
                return read.Reply(_invalidation.Seq);
            case MmuInvalidateRetryGfnUnsafe retry:
                return retry.Reply(_invalidation.RetryGfnUnsafe(retry.Snapshot, retry.Gfn));
            case MmuInvalidateRetryGfn retry:
                Lockdep.AssertHeld(sender, _mmuLock, LockMode.Shared);
                return retry.Reply(_invalidation.RetryGfn(sender, retry.Snapshot, retry.Gfn));
            case TdpWalk walk:
                return walk.Reply(_tdp.Walk(walk.Gfn));
            case TryCmpxchgSpte map:
                Lockdep.AssertHeld(sender, _mmuLock, LockMode.Shared);
                return map.Reply(_tdp.TryCmpxchg(map.Gfn, map.Old, map.New));
            case KvmMmuInvalidateBegin:
                Lockdep.AssertHeld(sender, _mmuLock);
                _invalidation.Begin();
                return Reply.Done;
            case KvmMmuInvalidateRangeAdd add:
                Lockdep.AssertHeld(sender, _mmuLock);
                _invalidation.RangeAdd(sender, add.Range);
                return Reply.Done;
            case KvmUnmapGfnRange unmap:
                Lockdep.AssertHeld(sender, _mmuLock);
                return unmap.Reply(_tdp.Zap(unmap.Range));
            case KvmMmuInvalidateEnd:
                Lockdep.AssertHeld(sender, _mmuLock);
                _invalidation.End(sender);
                return Reply.Done;
            default:
                return HandleLookup(sender, message);
        }
    }
}
