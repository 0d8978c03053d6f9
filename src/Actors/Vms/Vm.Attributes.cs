using GmemActors.Hardware;

namespace GmemActors.Actors;

// What its frames are, for properties: what it says itself, or what the inodes behind its memslots say.
public sealed partial class Vm
{
    /// <summary>Whether any frame of a range is known to be of another kind.</summary>
    internal bool HasOther(GfnRange range, KvmMemoryAttributes attributes)
    {
        if (!Machine.Kernel.AttributesInInode) return !_attributes.AreAll(range, attributes);
        for (var gfn = range.Start; gfn.Value < range.End.Value; gfn += 1)
        {
            // Of a frame that has no file nobody says what it is.
            if (_memslots.At(gfn) is not { } slot || _memslots.FileOf(slot) is not { } file) continue;
            if (file.Inode.Attributes.At(slot.IndexOf(gfn)) != attributes) return true;
        }

        return false;
    }
}
