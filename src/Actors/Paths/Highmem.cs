using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

/// <summary>include/linux/highmem.h: the host writes pages through its direct map.</summary>
internal static class Highmem
{
    private const string Source = "include/linux/highmem.h";

    /// <summary>Fills a page with zeroes, or all of a larger one.</summary>
    /// <remarks>Simplified: a large folio is cleared in one step; the host's mapping of it is 2M.</remarks>
    [Kernel(Source)]
    internal static async Path ClearHighpage(KernelTask current, Machine machine, Pfn pfn, int order = 0)
    {
        if (order > 0)
        {
            if (machine.Rmp is not null) await Touch(current, machine, pfn, PageLevel.Level2M);
            await current.Ask(machine.Memory, new ClearPages(pfn, 1u << order));
            return;
        }

        if (machine.Rmp is not null) await Touch(current, machine, pfn);
        await current.Ask(machine.Memory, new ClearPage(pfn));
    }

    /// <summary>Writes a page.</summary>
    [Kernel(Source, "kmap_local_page")]
    internal static async Path WriteHighpage(KernelTask current, Machine machine, Pfn pfn)
    {
        if (machine.Rmp is not null) await Touch(current, machine, pfn);
        await current.Ask(machine.Memory, new WritePage(pfn));
    }

    /// <summary>Copies a page of the host's.</summary>
    [Kernel(Source)]
    internal static async Path CopyHighpage(KernelTask current, Machine machine, Pfn to, Pfn from)
    {
        await current.Ask(machine.Memory, new ReadPage(from));
        if (machine.Rmp is not null) await Touch(current, machine, to);
        await current.Ask(machine.Memory, new WritePage(to));
    }

    /// <summary>A write of the host: refused where the page is a guest's, and the kernel has no answer to that.</summary>
    [Kernel("arch/x86/mm/fault.c", "page_fault_oops")]
    private static async Path Touch(KernelTask current, Machine machine, Pfn pfn, PageLevel level = PageLevel.Level4K)
    {
        var fault = await current.Ask(machine.Rmp!, new CheckRmp(RmpAccess.HostWrite(pfn, level)));
        if (fault.IsFault) await current.Ask(machine.Sev!, new PageFaultOops(pfn, fault));
    }
}
