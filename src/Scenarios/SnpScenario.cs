using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>A scenario with SNP guests: their frames, and what most of them begin with.</summary>
public abstract class SnpScenario : Scenario
{
    /// <inheritdoc/>
    public override IReadOnlyList<KernelVersion> Kernels { get; } = [.. KernelVersion.WithVmAttributes.Where(kernel => kernel.HasSnp)];

    /// <summary>The guest's first frame.</summary>
    protected static readonly Gfn Low = new(0x101);

    /// <summary>Its second.</summary>
    protected static readonly Gfn High = new(0x102);

    /// <summary>A launched guest of two frames with a gmem file of two pages bound at them.</summary>
    protected static (Vm Vm, GmemFile File) Guest(Stage stage, UserMemory? mm = null, bool isLaunched = true)
    {
        var vm = stage.SnpVm("vm0", Low.Value, 2, mm, isLaunched);
        var file = stage.Open("gmem0", vm, stage.Inode("inode0", 2));
        vm.AddMemslot(0, Low, file, PageRange.Of(0, 2));
        return (vm, file);
    }

    /// <summary>What a guest does with a frame that it begins to use.</summary>
    protected static GuestOp[] Use(params Gfn[] frames) =>
        [.. frames.SelectMany(gfn => new GuestOp[] { new GuestPvalidate(gfn), Access.Private(gfn) })];
}
