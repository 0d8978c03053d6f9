using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>mm/memory.c: pages of the user come and go.</summary>
internal static class Memory
{
    private const string Source = "mm/memory.c";

    /// <summary>The processor found no translation for an access of the user's, or of the kernel's on behalf of the user.</summary>
    /// <remarks>Simplified: mmap_lock is taken, never the lock of one mapping alone.</remarks>
    [Kernel("arch/x86/mm/fault.c")]
    internal static async Path<UserSignal> DoUserAddrFault(KernelTask current, UserMemory mm, ulong page)
    {
        await current.Ask(mm, MmapReadLock.Now);
        var fault = await HandleMmFault(current, mm, page);
        await current.Ask(mm, MmapReadUnlock.Now);
        return fault switch
        {
            VmFault.NoPage or VmFault.Retry => UserSignal.None,
            VmFault.Oom => UserSignal.Oom,
            VmFault.Sigsegv => UserSignal.Sigsegv,
            _ => UserSignal.Sigbus,
        };
    }

    /// <summary>Brings a page in that is absent; mmap_lock is held shared.</summary>
    [Kernel(Source)]
    internal static async Path<VmFault> HandleMmFault(KernelTask current, UserMemory mm, ulong page)
    {
        if (await current.Ask(mm, new FindVma(page)) is { } vma) return await DoFault(current, vma, page);
        if (!await current.Ask(mm, new IsMapped(page))) return VmFault.Sigsegv;
        return await DoAnonymousPage(current, mm, page);
    }

    /// <summary>Takes pages away, first from whoever else has them mapped; mmap_lock is held shared.</summary>
    [Kernel(Source)]
    internal static async Path ZapPageRangeSingle(KernelTask current, UserMemory mm, PageRange pages)
    {
        await MmuNotifier.MmuNotifierInvalidateRangeStart(current, mm, pages);
        for (var page = pages.Start.Value; page < pages.End.Value; page++) await ZapPteRange(current, mm, page);
        await MmuNotifier.MmuNotifierInvalidateRangeEnd(current, mm, pages);
    }

    /// <summary>Takes pages of a file away from whoever has them mapped; the pages stay in the file.</summary>
    [Kernel(Source)]
    internal static async Path ZapFilePages(KernelTask current, Vma vma, PageRange pages)
    {
        await MmuNotifier.MmuNotifierInvalidateRangeStart(current, vma.Mm, pages);
        for (var page = pages.Start.Value; page < pages.End.Value; page++) await ZapPresentFolioPtes(current, vma, page);
        await MmuNotifier.MmuNotifierInvalidateRangeEnd(current, vma.Mm, pages);
    }

    /// <summary>Takes one folio away from everybody who has it mapped; its lock is held.</summary>
    [Kernel(Source)]
    internal static Path UnmapMappingFolio(KernelTask current, GmemInode inode, Pgoff index) =>
        UnmapMappingPages(current, inode, new(index, index + 1));

    /// <summary>Takes pages of a file away from everybody who has them mapped; they stay in the file.</summary>
    [Kernel(Source)]
    internal static async Path UnmapMappingPages(KernelTask current, GmemInode inode, PageRange range)
    {
        await current.Ask(inode, IMmapLock.Shared);
        foreach (var vma in await current.Ask(inode, VmaIntervalTree.Now))
        {
            if (vma.PagesOf(range) is { } pages) await ZapFilePages(current, vma, pages);
        }

        await current.Ask(inode, IMmapUnlock.Now);
    }

    /// <summary>A page of a file: asks the file for it, then maps it while it is locked, so that it is not truncated meanwhile.</summary>
    [Kernel(Source)]
    private static async Path<VmFault> DoFault(KernelTask current, Vma vma, ulong page)
    {
        var (mm, inode) = (vma.Mm, vma.File.Inode);
        var found = await GuestMemfd.KvmGmemFaultUserMapping(current, inode, vma.IndexOf(page));
        if (found.Fault != VmFault.Locked) return found.Fault;
        var pfn = found.Pfn;
        var fault = VmFault.NoPage;
        var isMapped = false;
        if ((await current.Ask(inode, new ReadFolio(pfn))).IsHwpoison)
        {
            fault = VmFault.Hwpoison;
        }
        else
        {
            // Counted first: who truncates looks at the count, and finds the folio locked until the entry is there.
            await current.Ask(inode, new FolioAddFileRmap(pfn));
            isMapped = await current.Ask(mm, new SetFilePte(vma, page, pfn));
            if (!isMapped) await current.Ask(inode, new FolioRemoveRmap(pfn));
        }

        await current.Ask(inode, new FolioUnlock(pfn));

        // The mapping keeps the reference; somebody else's page, or none, does not.
        if (!isMapped) await Swap.FolioPut(current, inode, pfn);
        return fault;
    }

    [Kernel(Source)]
    private static async Path<VmFault> DoAnonymousPage(KernelTask current, UserMemory mm, ulong page)
    {
        if (await current.Ask(mm.Memory, new AllocPage(mm)) is not { } pfn) return VmFault.Oom;
        await current.Ask(mm.Memory, new ClearPage(pfn));

        // Somebody else was first: theirs is used.
        if (!await current.Ask(mm, new SetPte(page, pfn))) await current.Ask(mm.Memory, new FreePage(pfn));
        return VmFault.NoPage;
    }

    [Kernel(Source)]
    private static async Path ZapPteRange(KernelTask current, UserMemory mm, ulong page)
    {
        if (await current.Ask(mm, new ZapPte(page)) is not { } pfn) return;
        await current.Ask(mm, FlushTlbMmRange.Now);
        await Swap.PutPage(current, mm, pfn);
    }

    [Kernel(Source)]
    private static async Path ZapPresentFolioPtes(KernelTask current, Vma vma, ulong page)
    {
        var inode = vma.File.Inode;
        if (await current.Ask(vma.Mm, new ZapFilePte(vma, page)) is not { } pfn) return;
        await current.Ask(vma.Mm, FlushTlbMmRange.Now);
        await current.Ask(inode, new FolioRemoveRmap(pfn));
        await Swap.FolioPut(current, inode, pfn);
    }
}
