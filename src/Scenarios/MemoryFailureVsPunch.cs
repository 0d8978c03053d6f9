using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Scenarios;

/// <summary>O2: the memory of a page fails while a hole is punched into its file.</summary>
public sealed class MemoryFailureVsPunch : Scenario
{
    /// <inheritdoc/>
    public override string Name => "memory-failure-vs-punch";

    /// <inheritdoc/>
    public override string Point => "filemap_invalidate_lock must not be taken under a folio's lock, or a truncation waits for the one with the other.";

    /// <inheritdoc/>
    public override ExpectedFinding Shows => ExpectedFinding.Deadlock(
        GuestMemfdBugs.ErrorFolioUnderFolioLock,
        "filemap_invalidate_lock filemap_invalidate_lock; folio_lock folio_lock");

    /// <inheritdoc/>
    public override IReadOnlyList<ExpectedFinding> MayShow =>
    [
        ExpectedFinding.LockOrder(
            GuestMemfdBugs.ErrorFolioUnderFolioLock,
            "filemap_invalidate_lock > folio_lock; folio_lock > filemap_invalidate_lock"),

        // Nothing is bound: B2.1.
        ExpectedFinding.Broken(GuestMemfdBugs.BeginWithoutEnd, KernelProperties.NothingInProgress),
    ];

    /// <inheritdoc/>
    protected override void Build(Stage stage)
    {
        var machine = stage.MemoryMayFail();
        var inode = stage.Inode("inode0", 2);
        var file = stage.Open("gmem0", stage.Vm("vm0", 0x100, 2), inode);
        stage.Task("vmm", current => AllocateAndPunch(current, file));
        stage.Task("mce", current => MemoryFailure.Handle(current, machine, inode, new(0)));
    }

    private static async Path AllocateAndPunch(KernelTask current, GmemFile file)
    {
        await Stage.Fallocate(current, file, FallocMode.KeepSize, PageRange.Of(0, 1));
        await Stage.Fallocate(current, file, FallocMode.KeepSize | FallocMode.PunchHole, PageRange.Of(0, 1));
    }
}
