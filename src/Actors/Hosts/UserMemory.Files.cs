using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

// What is mapped of files.
public sealed partial class UserMemory
{
    private readonly List<Vma> _vmas = [];
    private readonly Srcu _userMode;

    /// <summary>The mappings of files, for properties.</summary>
    internal IReadOnlyList<Vma> Vmas => _vmas;

    private Reply HandleFiles(KernelTask sender, Message message)
    {
        switch (message)
        {
            case WalkPte walk:
                return walk.Reply(Walk(walk.Page));
            case FindFilePte find:
                return find.Reply(Walk(find.Page) is { } there ? new UserPage(there, VmaAt(find.Page)?.File.Inode) : null);
            case FindVma find:
                Lockdep.AssertHeld(sender, MmapLock, LockMode.Shared);
                return find.Reply(VmaAt(find.Page));
            case SetFilePte set:
                Lockdep.AssertHeld(sender, MmapLock, LockMode.Shared);
                return set.Reply(SetIfNone(ref set.Vma.At(set.Page), set.Pfn));
            case ZapFilePte zap:
                return zap.Reply(Take(ref zap.Vma.At(zap.Page)));
            case VmaLink link:
                Lockdep.AssertHeld(sender, MmapLock);
                return link.Reply(Link(link));
            case VmaUnlink unlink:
                Lockdep.AssertHeld(sender, MmapLock);
                _vmas.Remove(unlink.Vma);
                return Reply.Done;
            case FlushTlbMmRange:
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }

    private static bool SetIfNone(ref Pfn? pte, Pfn pfn)
    {
        if (pte is not null) return false;
        pte = pfn;
        return true;
    }

    private static Pfn? Take(ref Pfn? pte)
    {
        var pfn = pte;
        pte = null;
        return pfn;
    }

    private Pfn? Walk(ulong page) => page < (ulong)_ptes.Length ? _ptes[page] : VmaAt(page)?.At(page);

    private Vma? VmaAt(ulong page) => _vmas.Find(vma => vma.Pages.Contains(new(page)));

    private Vma Link(VmaLink link)
    {
        var start = _vmas.Count == 0 ? (ulong)_ptes.Length : _vmas[^1].Pages.End.Value;
        var vma = new Vma(this, start, link.PageCount, link.File, link.First);
        _vmas.Add(vma);
        return vma;
    }
}
