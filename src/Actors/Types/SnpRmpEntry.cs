using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>What the kernel gets to know of a page's RMP entry.</summary>
/// <remarks>
/// Source: arch/x86/virt/svm/sev.c, snp_lookup_rmpentry(): whether it is assigned comes from the page's own entry, the level from the
/// first entry of its 2M.
/// </remarks>
/// <param name="Assigned">Whether the page is not the hypervisor's.</param>
/// <param name="Level">The size of the entry that covers it.</param>
public readonly record struct SnpRmpEntry(bool Assigned, PageLevel Level);
