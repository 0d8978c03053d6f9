using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>What the host keeps for all its SEV-SNP guests: the pages it lost, and whether it still runs.</summary>
/// <remarks>Source: arch/x86/virt/svm/sev.c, arch/x86/mm/fault.c.</remarks>
public sealed class SevHost : Actor
{
    private readonly Mutex _leakedPagesListLock;
    private readonly List<Pfn> _leaked = [];
    private readonly List<Pfn> _failedResets = [];
    private readonly List<Asid> _freeAsids = [];

    /// <summary>A host that has lost nothing.</summary>
    public SevHost(string name) : base(name) =>
        _leakedPagesListLock = new(this, "snp_leaked_pages_list_lock") { Spins = true };

    /// <summary>Why the host died; null while it lives.</summary>
    public string? Panic { get; private set; }

    /// <summary>The pages that are nobody's any more: <c>snp_leaked_pages_list</c>.</summary>
    public IReadOnlyList<Pfn> Leaked => _leaked;

    /// <summary>The ASIDs of guests that are gone, which others may get, for properties.</summary>
    internal IReadOnlyList<Asid> FreeAsids => _freeAsids;

    /// <summary>How many temporary mappings of the kernel there are, for properties.</summary>
    internal int KmapCount { get; private set; }

    /// <summary>Whether the RMP entry of a page could not be reset when the page was freed, for properties.</summary>
    internal bool ResetFailed(Pfn pfn) => _failedResets.Contains(pfn);

    /// <inheritdoc/>
    protected override Lock LockOf(Message message) => message switch
    {
        SnpLeakedPagesListLock or SnpLeakedPagesListUnlock => _leakedPagesListLock,
        _ => throw Unexpected(message),
    };

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case PageFaultOops oops:
                Panic ??= $"{sender} writes frame {oops.Pfn}: {oops.Fault}";
                return Reply.Done;
            case NoteFailedReset note:
                _failedResets.Add(note.Pfn);
                return Reply.Done;
            case SevAsidFree free:
                _freeAsids.Add(free.Asid);
                return Reply.Done;
            case KmapLocalPfn:
                KmapCount++;
                return Reply.Done;
            case KunmapLocal:
                KmapCount--;
                return Reply.Done;
            case SnpLeakedPagesListAdd add:
                Lockdep.AssertHeld(sender, _leakedPagesListLock);
                _leaked.Add(add.Pfn);
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }
}

/// <summary>A fault of the kernel that nothing handles: <c>page_fault_oops()</c>.</summary>
public sealed record PageFaultOops(Pfn Pfn, Fault Fault) : Message<Done>;

/// <summary>A page is about to be freed whose RMP entry could not be reset.</summary>
public sealed record NoteFailedReset(Pfn Pfn) : Message<Done>;

/// <summary>Gives a guest's ASID back.</summary>
public sealed record SevAsidFree(Asid Asid) : Message<Done>;

/// <summary>Maps a page for the kernel for a moment.</summary>
public sealed record KmapLocalPfn : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KmapLocalPfn Now = new();
}

/// <summary>Takes such a mapping away.</summary>
public sealed record KunmapLocal : Message<Done>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly KunmapLocal Now = new();
}

/// <summary>Puts a page on the list of pages that are lost.</summary>
public sealed record SnpLeakedPagesListAdd(Pfn Pfn) : Message<Done>;

/// <summary>Takes the lock of the list of pages that are lost.</summary>
public sealed record SnpLeakedPagesListLock() : Acquire(LockMode.Exclusive)
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly SnpLeakedPagesListLock Now = new();
}

/// <summary>Gives the lock of the list of pages that are lost back.</summary>
public sealed record SnpLeakedPagesListUnlock : Release
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly SnpLeakedPagesListUnlock Now = new();
}
