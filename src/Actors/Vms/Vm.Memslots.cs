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
                // Who may change the memslots sees them hold still too.
                if (!SlotsMutex.IsHeldBy(sender)) Lockdep.AssertHeld(sender, _srcu, LockMode.Shared);
                _memslots.IsReadBy(sender);
                return lookup.Reply(_memslots.At(lookup.Gfn));
            case KvmMemIsPrivate read:
                _attributesField.ReadOnce(sender);
                return read.Reply(_attributes.IsPrivate(read.Gfn));
            case ReadGmemFile read:
                _gmemFileField.ReadOnce(sender);
                sender.WarnOn(_memslots.IsFreed(read.Slot), "use after free of a memslot: gmem.file is read");
                return read.Reply(_memslots.FileOf(read.Slot));
            case KvmForEachMemslotInHvaRange each:
                Lockdep.AssertHeld(sender, _srcu, LockMode.Shared);
                _memslots.IsReadBy(sender);
                return each.Reply(_memslots.At(each.Pages));
            default:
                return HandleSnp(sender, message);
        }
    }

    private Reply HandleMemslots(KernelTask sender, Message message)
    {
        // Nobody else can reach the memslots of a VM that is being destroyed.
        if (_usersCount > 0) Lockdep.AssertHeld(sender, SlotsMutex);
        switch (message)
        {
            case IdToMemslot find:
                _memslots.IsReadBy(sender);
                return find.Reply(_memslots.WithId(find.Id, find.AsId));
            case KvmCheckMemslotOverlap check:
                _memslots.IsReadBy(sender);
                return check.Reply(_memslots.Overlap(check.Id, check.Range, check.AsId));
            case AllocMemslot alloc:
                var slot = _memslots.Alloc(alloc.Id, alloc.Range, alloc.Flags, alloc.Pgoff, alloc.UserspaceAddr, alloc.AsId);
                SetMixed(slot, slot.Range);
                return alloc.Reply(slot);
            case KvmForEachMemslotInGfnRange each:
                _memslots.IsReadBy(sender);
                return each.Reply(_memslots.In(each.Range));
            case KvmRangeHasMemoryAttributes has:
                _attributesField.Read(sender);
                return has.Reply(_attributes.AreAll(has.Range, has.Attributes));
            case StoreMemoryAttributes store:
                _attributesField.Write(sender);
                _attributes.Store(store.Gfn, store.Attributes);
                return Reply.Done;
            case WriteGmemFile write:
                sender.WarnOn(_memslots.IsFreed(write.Slot), "use after free of a memslot: gmem.file is written");
                _gmemFileField.Write(sender);
                _memslots.SetFile(write.Slot, write.File);
                if (write.File is { } file && (file.Inode.Flags & GuestMemfdKind.Mmap) != 0) write.Slot.ServesAllFaultsFromGmem();
                return Reply.Done;
            case KvmReplaceMemslot replace:
                _memslots.IsWrittenBy(sender, (replace.Old ?? replace.New)!.AsId);
                _memslots.Replace(replace.Old, replace.New);
                return Reply.Done;
            case KvmSwapActiveMemslots swap:
                Lockdep.AssertHeld(sender, _slotsArchLock);
                _memslots.Swap(sender, swap.AsId);
                return Reply.Done;
            case KvmFreeMemslot free:
                _memslots.Free(free.Slot);
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }
}
