using GmemActors.Actors;

namespace GmemActors.Scenarios.Random;

/// <summary>What bugs come to in programs of which no scenario of the catalogue is an instance.</summary>
internal static class RandomFindings
{
    /// <summary>All that are known.</summary>
    internal static IReadOnlyList<ExpectedFinding> All { get; } =
    [
        // Two VMs at once, or a leaked invalidation to which the range of another hole was added.
        ExpectedFinding.Livelock(GuestMemfdBugs.BeginWithoutEnd, "mmu_invalidate_retry_gfn; mmu_invalidate_retry_gfn_unsafe"),

        // The list of files of an inode that everybody has.
        new(GuestMemfdBugs.SharedAnonymousInode, "data-race", "gmem_file_list / list_add on gmem_file_list"),
        new(GuestMemfdBugs.SharedAnonymousInode, "data-race", "list_add / list_del on gmem_file_list"),
    ];
}
