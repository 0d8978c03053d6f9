using GmemActors.Engine;

namespace GmemActors.Actors;

public sealed partial class Vm
{
    // What is read without slots_lock.
    private Reply HandleLookup(KernelTask sender, Message message)
    {
        switch (message)
        {
            case GfnToMemslot lookup:
                Lockdep.AssertHeld(sender, _srcu, LockMode.Shared);
                return lookup.Reply(_memslots.At(lookup.Gfn));
            case KvmMemIsPrivate read:
                return read.Reply(_attributes.IsPrivate(read.Gfn));
            case ReadGmemFile read:
                sender.WarnOn(_memslots.IsFreed(read.Slot), "use after free of a memslot: gmem.file is read");
                return read.Reply(_memslots.FileOf(read.Slot));
            case KvmForEachMemslotInHvaRange each:
                Lockdep.AssertHeld(sender, _srcu, LockMode.Shared);
                return each.Reply(_memslots.At(each.Pages));
            default:
                return HandleMemslots(sender, message);
        }
    }

    private Reply HandleMemslots(KernelTask sender, Message message)
    {
        // Nobody else can reach the memslots of a VM that is being destroyed.
        if (_usersCount > 0) Lockdep.AssertHeld(sender, SlotsMutex);
        switch (message)
        {
            case IdToMemslot find:
                return find.Reply(_memslots.WithId(find.Id, find.AsId));
            case KvmCheckMemslotOverlap check:
                return check.Reply(_memslots.Overlap(check.Id, check.Range, check.AsId));
            case AllocMemslot alloc:
                var slot = _memslots.Alloc(alloc.Id, alloc.Range, alloc.Flags, alloc.Pgoff, alloc.UserspaceAddr, alloc.AsId);
                SetMixed(slot, slot.Range);
                return alloc.Reply(slot);
            case KvmForEachMemslotInGfnRange each:
                return each.Reply(_memslots.In(each.Range));
            case KvmRangeHasMemoryAttributes has:
                return has.Reply(_attributes.AreAll(has.Range, has.Attributes));
            case StoreMemoryAttributes store:
                _attributes.Store(store.Gfn, store.Attributes);
                return Reply.Done;
            case WriteGmemFile write:
                sender.WarnOn(_memslots.IsFreed(write.Slot), "use after free of a memslot: gmem.file is written");
                _memslots.SetFile(write.Slot, write.File);
                if (write.File is { } file && (file.Inode.Flags & GuestMemfdKind.Mmap) != 0) write.Slot.ServesAllFaultsFromGmem();
                return Reply.Done;
            case KvmReplaceMemslot replace:
                _memslots.Replace(replace.Old, replace.New);
                return Reply.Done;
            case KvmSwapActiveMemslots swap:
                Lockdep.AssertHeld(sender, _slotsArchLock);
                _memslots.Swap(swap.AsId);
                return Reply.Done;
            case KvmFreeMemslot free:
                _memslots.Free(free.Slot);
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }
}
