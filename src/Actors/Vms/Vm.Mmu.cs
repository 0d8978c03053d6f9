using GmemActors.Engine;

namespace GmemActors.Actors;

public sealed partial class Vm
{
    private Reply HandleMmu(KernelTask sender, Message message)
    {
        switch (message)
        {
            case ReadSpte read:
                _sptesField.ReadOnce(sender);
                return read.Reply(_tdp.Read(read.Gfn));
            case ReadMmuInvalidateSeq read:
                _invalidateField.ReadOnce(sender);
                return read.Reply(_invalidation.Seq);
            case MmuInvalidateRetryGfnUnsafe retry:
                _invalidateField.ReadOnce(sender);
                return retry.Reply(_invalidation.RetryGfnUnsafe(retry.Snapshot, retry.Gfn));
            case MmuInvalidateRetryGfn retry:
                Lockdep.AssertHeld(sender, _mmuLock, LockMode.Shared);
                _invalidateField.Read(sender);
                return retry.Reply(_invalidation.RetryGfn(sender, retry.Snapshot, retry.Gfn));
            case TdpWalk walk:
                return walk.Reply(_tdp.Walk(walk.Gfn));
            case TryCmpxchgSpte map:
                Lockdep.AssertHeld(sender, _mmuLock, LockMode.Shared);
                _sptesField.WriteOnce(sender);
                return map.Reply(_tdp.TryCmpxchg(map.Gfn, map.Old, map.New));
            case KvmMmuInvalidateBegin:
                Lockdep.AssertHeld(sender, _mmuLock);
                _invalidateField.Write(sender);
                _invalidation.Begin();
                return Reply.Done;
            case KvmMmuInvalidateRangeAdd add:
                Lockdep.AssertHeld(sender, _mmuLock);
                _invalidateField.Write(sender);
                _invalidation.RangeAdd(sender, add.Range);
                return Reply.Done;
            case KvmUnmapGfnRange unmap:
                Lockdep.AssertHeld(sender, _mmuLock);
                _sptesField.Write(sender);
                return unmap.Reply(_tdp.Zap(unmap.Range));
            case KvmMmuInvalidateEnd:
                Lockdep.AssertHeld(sender, _mmuLock);
                _invalidateField.Write(sender);
                _invalidation.End(sender);
                return Reply.Done;
            default:
                return HandleLookup(sender, message);
        }
    }
}
