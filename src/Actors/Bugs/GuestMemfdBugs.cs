namespace GmemActors.Actors;

/// <summary>Bugs of virt/kvm/guest_memfd.c: files, bindings, holes, lifetimes.</summary>
public static class GuestMemfdBugs
{
    /// <summary>
    /// B2.1: an invalidation is begun whether or not anything is bound, and ended only if something is.
    /// </summary>
    public static readonly Bug BeginWithoutEnd = new(
        "begin-without-end",
        "B2.1",
        "invalidation is begun always, but ended only where a binding is",
        "mmu_invalidate_in_progress leaks; every fault of the VM retries for ever",
        "take mmu_lock and begin only when the first bound memslot is found",
        "Sean Christopherson, 2023-09-20, Re: [RFC PATCH v12 14/33] KVM: Add KVM_CREATE_GUEST_MEMFD ioctl()");

    /// <summary>B2.4: a hole in an inode is punched out of the caller's file alone.</summary>
    public static readonly Bug OnlyCallersFile = new(
        "only-callers-file",
        "B2.4",
        "only the caller's file is invalidated, not every file of the inode",
        "another VM that has the inode bound keeps mapping freed pages",
        "walk all the files of the inode (kvm_gmem_for_each_file)",
        "Sean Christopherson, 2023-09-20, Re: [RFC PATCH v12 14/33] KVM: Add KVM_CREATE_GUEST_MEMFD ioctl()");

    /// <summary>B2.5: the invalidation is over before the pages are freed.</summary>
    public static readonly Bug TruncateOutside = new(
        "truncate-outside",
        "B2.5",
        "begin and end stand back to back, and the pages are freed after them",
        "a vCPU that faults in between maps a page that is freed under it",
        "begin for all files, truncate, end for all files, under the exclusive invalidate lock",
        "Sean Christopherson, 2023-10-05, Re: [RFC PATCH v2 1/6] KVM: gmem: Truncate pages on punch hole");

    /// <summary>B2.6: the bindings may change while an invalidation is open.</summary>
    public static readonly Bug BindingsNotFrozen = new(
        "bindings-not-frozen",
        "B2.6",
        "filemap_invalidate_lock is dropped between begin and end",
        "a memslot that is unbound in between leaks mmu_invalidate_in_progress; one that is bound makes it negative",
        "hold filemap_invalidate_lock exclusive from the first begin to the last end",
        "Sean Christopherson, 2023-09-20, Re: [RFC PATCH v12 14/33] KVM: Add KVM_CREATE_GUEST_MEMFD ioctl()");

    /// <summary>U2: a memslot is freed while a file that is being released is still bound to it.</summary>
    public static readonly Bug UnbindDyingFile = new(
        "unbind-dying-file",
        "U2",
        "unbind leaves the bindings of a file whose last reference is gone",
        "release walks the bindings later and writes gmem.file of a memslot that was freed",
        "take the bindings of a dying file away too: slots_lock keeps its release out",
        "ae431059e75d, KVM: guest_memfd: Remove bindings on memslot deletion when gmem is dying; syzbot 2479e53d0db9b32ae2aa");

    /// <summary>U12: all gmem files are on one inode.</summary>
    public static readonly Bug SharedAnonymousInode = new(
        "shared-anonymous-inode",
        "U12",
        "gmem files are made on the anonymous inode that all files without one share",
        "creating a file changes the size of every other: bounds are tested against the wrong size, and memory is common",
        "an inode for each file, of its own",
        "2 October 2023, Fixes: 0f7e60a5f42a (KVM: Add KVM_CREATE_GUEST_MEMFD ioctl() for guest-specific backing memory)");

    /// <summary>U13: gmem files do not keep their module loaded.</summary>
    public static readonly Bug FileWithoutOwner = new(
        "file-without-owner",
        "U13",
        "the file operations name no owner",
        "the module is unloaded while the release of a file still runs code of it",
        "owner = THIS_MODULE: a file holds a reference on the module until its release is over",
        "Al Viro and Sean Christopherson, 9 October 2023, Re: [RFC PATCH v12 14/33] KVM: Add KVM_CREATE_GUEST_MEMFD ioctl()");

    /// <summary>U3: a memslot may lose its gmem file by a change of its flags.</summary>
    public static readonly Bug ToggleGuestMemfd = new(
        "toggle-guest-memfd",
        "U3",
        "a change of flags alone may clear KVM_MEM_GUEST_MEMFD, and the memslot that it replaces is freed without being unbound",
        "the file stays bound to a memslot that is freed: the next hole or release uses it",
        "refuse the change with EINVAL (9935df5333aa), and unbind a memslot that is replaced, with a WARN (af62fe2494da)",
        "9935df5333aa and af62fe2494da, December 2025");

    /// <summary>O3: bind does not look at whether the binding was stored.</summary>
    public static readonly Bug BindIgnoresNoMemory = new(
        "bind-ignores-no-memory",
        "O3",
        "kvm_gmem_bind() ignores what xa_store_range() returns",
        "the memslot names a file that does not know of it: the pointer stays when the file is freed",
        "clear the range and the pointer, and return the error, as 6.12.117 does",
        "docs/observations.md; virt/kvm/guest_memfd.c, kvm_gmem_bind() in 6.12.117 and in 7.2.13");

    /// <summary>U4: a reference stays where the memory of a page has failed.</summary>
    public static readonly Bug HwpoisonKeepsReference = new(
        "hwpoison-keeps-reference",
        "U4",
        "kvm_gmem_get_pfn() finds the memory failed and returns without dropping its reference on the folio",
        "the page is never freed, and whoever looks at the count finds it in use",
        "drop the reference on every way out",
        "c31745d2c508, virt: guest_memfd: fix reference leak on hwpoisoned page");

    /// <summary>O2: a failure of memory is handled in the order that truncation must not use.</summary>
    public static readonly Bug ErrorFolioUnderFolioLock = new(
        "error-folio-under-folio-lock",
        "O2",
        "error_remove_folio of gmem takes filemap_invalidate_lock while its caller holds the folio's lock",
        "a hole that is punched meanwhile holds the first and waits for the second: both wait for ever",
        "unlock the folio first, or try the lock",
        "docs/observations.md; mm/memory-failure.c, me_pagecache_clean(); virt/kvm/guest_memfd.c, kvm_gmem_error_folio()");

    /// <summary>U41: pages become private while the host may use them.</summary>
    public static readonly Bug ConvertsReferenced = new(
        "converts-referenced",
        "U41",
        "a conversion to private takes the mappings of the users away, and does not look who else refers to a page",
        "a user's fault that has its page already maps it after the conversion: the host reads and writes private memory",
        "EAGAIN, with error_offset, for a page that has more references than the page cache's",
        "RFC of 2026, in-place conversion for guest_memfd, gmem_convert_fault_race")
    {
        IsWhatIf = true,
    };

    /// <summary>B0.2, B0.8: a hole in a large folio writes zeroes to memory that is the guest's.</summary>
    public static readonly Bug ZeroPartialFolio = new(
        "zero-partial-folio",
        "B0.2",
        "truncation zeroes the part of a folio that a hole covers, before anybody can take it back in the RMP",
        "the host writes a page of the guest's: #PF in the kernel, which panics",
        "an inaccessible mapping is not zeroed (c72ceafbd12c, 1d23040caa8b; 27e6a24a4cf3: the flag was tested by its number)",
        "Sean Christopherson, 2023-10-05, Re: [RFC PATCH v2 1/6] KVM: gmem: Truncate pages on punch hole")
    {
        IsWhatIf = true,
    };

    /// <summary>U1: populate reads its source while nobody else may look at the file.</summary>
    public static readonly Bug PopulateCopiesUnderLock = new(
        "populate-copies-under-lock",
        "U1",
        "populate takes filemap_invalidate_lock, then has the source brought in, which takes mmap_lock",
        "a fault of a user on a gmem file takes them the other way round; a source that is of the same file deadlocks alone",
        "pin the page of the source before the lock is taken",
        "2a62345b3052, in 7.0, before which no fault of a user took the lock; RFC of 2026, in-place conversion for guest_memfd")
    {
        IsWhatIf = true,
    };

    /// <summary>B0.7: a hole in a large folio takes all of it, if it cannot be split.</summary>
    public static readonly Bug SplitFailureDropsFolio = new(
        "split-failure-drops-folio",
        "B0.7",
        "truncation removes a clean folio as a whole if it cannot be split, since somebody else refers to it; gmem's are always clean",
        "a fault is under way, or a page is pinned: the guest loses 511 pages that nobody asked to free",
        "try again when the reference is gone, or let the hole fail",
        "mm/truncate.c, truncate_inode_partial_folio() in 7.2.13; nothing reaches it while folios have one page");

    /// <summary>All of them.</summary>
    internal static IReadOnlyList<Bug> All { get; } =
    [
        BeginWithoutEnd, OnlyCallersFile, TruncateOutside, BindingsNotFrozen, UnbindDyingFile, SharedAnonymousInode, FileWithoutOwner,
        ToggleGuestMemfd, BindIgnoresNoMemory, HwpoisonKeepsReference, ErrorFolioUnderFolioLock, ConvertsReferenced, PopulateCopiesUnderLock,
        ZeroPartialFolio, SplitFailureDropsFolio,
    ];
}
