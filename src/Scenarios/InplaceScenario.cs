using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>A scenario of pages that are converted in place: their frames, and what user space does in most of them.</summary>
public abstract class InplaceScenario : Scenario
{
    /// <inheritdoc/>
    public override IReadOnlyList<KernelVersion> Kernels { get; } = [KernelVersion.RfcInplace];

    /// <summary>The guest's first frame.</summary>
    protected static readonly Gfn Low = new(0x100);

    /// <summary>Maps all of a file of two pages; none where the kernel does not let it be mapped.</summary>
    protected static async Path<Vma?> Map(KernelTask current, Stage stage, Vm vm)
    {
        var vma = await Mmap.KsysMmapPgoff(current, stage.Process(vm), 0, new(0), 2);
        current.ReturnToUser("mmap");
        return vma.IsErr ? null : vma.Value;
    }

    /// <summary>Converts pages, and tries again as long as somebody uses one.</summary>
    protected static async Path Convert(KernelTask current, Stage stage, PageRange range, bool toPrivate)
    {
        while (true)
        {
            var attrs = KvmMemoryAttributes2.Convert(range, toPrivate);
            var errno = await Ioctl.SetMemoryAttributes2(current, stage.Files, 0, attrs);
            current.ReturnToUser("KVM_SET_MEMORY_ATTRIBUTES2");
            if (errno != Errno.EAGAIN) return;
            Check.That(range.Contains(new(attrs.ErrorOffset >> Pages.Shift)));
            current.Retry("KVM_SET_MEMORY_ATTRIBUTES2");
        }
    }
}
