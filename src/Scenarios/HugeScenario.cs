using GmemActors.Actors;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>A scenario with a folio of 2M, which no released kernel has: what a guest has of it, and room for it.</summary>
public abstract class HugeScenario : Scenario
{
    /// <summary>The guest's first frame.</summary>
    protected static readonly Gfn First = new(0x200);

    /// <inheritdoc/>
    public override IReadOnlyList<KernelVersion> Kernels { get; } = [.. KernelVersion.WhatIfs.Where(kernel => kernel.LargeFolios)];

    /// <inheritdoc/>
    protected override StageOptions Machine => StageOptions.Default with { Frames = 3 * (int)PageLevels.PagesPer2M };

    /// <summary>A file of 2M, all of it bound at the guest's 2M.</summary>
    protected static GmemFile Open(Stage stage, Vm vm)
    {
        var file = stage.Open("gmem0", vm, stage.Inode("inode0", PageLevels.PagesPer2M));
        vm.AddMemslot(0, First, file, PageRange.Of(0, PageLevels.PagesPer2M));
        return file;
    }

    /// <summary>The guest's memory is mapped as 2M at some time, or the scenario does not show its point.</summary>
    protected static void SometimesHuge(Stage stage, Vm vm) => stage.Sometimes("2M are mapped as one", () => vm.MapsHuge(First), vm);
}
