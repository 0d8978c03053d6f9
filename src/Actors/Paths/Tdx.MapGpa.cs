using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors.Paths;

// What a trust domain asks of user space: to convert frames.
public static partial class Tdx
{
    private const ulong TdxMapGpaMaxLen = PageLevels.PagesPer2M << Pages.Shift;

    /// <summary>TDG.VP.VMCALL&lt;MapGPA&gt;: user space is to convert frames, a chunk at a time. Says whether the guest goes on.</summary>
    [Kernel(Source)]
    private static Result<bool> TdxMapGpa(KernelTask current, Vcpu vcpu, KvmRun run, MapGpa map)
    {
        var (vm, end) = (vcpu.Vm, map.Gpa + map.Size);
        var status = TdvmcallStatus.Success;
        if (!vm.ExitsOnMapGpaRange) status = TdvmcallStatus.SubfuncUnsupported;
        else if (end <= map.Gpa || !IsLegal(vm, map.Gpa) || !IsLegal(vm, end - 1)) status = TdvmcallStatus.InvalidOperand;
        else if (TdProgram.IsShared(map.Gpa) != TdProgram.IsShared(end - 1)) status = TdvmcallStatus.InvalidOperand;
        else if (!Pages.IsAligned(map.Gpa) || !Pages.IsAligned(map.Size)) status = TdvmcallStatus.AlignError;
        if (status != TdvmcallStatus.Success) return Answer(run, status, map.Gpa);
        (run.MapGpaNext, run.MapGpaEnd) = (map.Gpa, end);
        return MapGpaChunk(current, run);
    }

    /// <summary>The next chunk goes to user space.</summary>
    [Kernel(Source, "__tdx_map_gpa")]
    private static Result<bool> MapGpaChunk(KernelTask current, KvmRun run)
    {
        var gpa = run.MapGpaNext;
        var size = Math.Min(run.MapGpaEnd - gpa, TdxMapGpaMaxLen);
        var first = TdProgram.FrameOf(gpa);
        (run.ExitReason, run.HypercallRet) = (ExitReason.Hypercall, 0);
        (run.Range, run.IsPrivate) = (new(first, first + (size >> Pages.Shift)), !TdProgram.IsShared(gpa));
        run.Complete = CompleteUserspaceIo.MapGpa;
        return false;
    }

    /// <summary>User space has converted a chunk, or not; says whether the guest goes on.</summary>
    /// <remarks>Simplified: the only event that is pending between two chunks is a signal.</remarks>
    [Kernel(Source)]
    internal static Result<bool> TdxCompleteVmcallMapGpa(KernelTask current, Vcpu vcpu, KvmRun run)
    {
        run.Complete = CompleteUserspaceIo.None;
        switch (run.HypercallRet)
        {
            case 0:
                break;
            case (ulong)Errno.EAGAIN:
                return Answer(run, TdvmcallStatus.Retry, run.MapGpaNext);
            case (ulong)Errno.EINVAL:
                return Answer(run, TdvmcallStatus.InvalidOperand, run.MapGpaNext);
            default:
                return Errno.EINVAL;
        }

        run.MapGpaNext += TdxMapGpaMaxLen;
        if (run.MapGpaNext >= run.MapGpaEnd) return Answer(run, TdvmcallStatus.Success, 0);

        // A guest that has been away long enough asks again for the rest.
        if (KvmMain.SignalPending(current, vcpu.Vm)) return Answer(run, TdvmcallStatus.Retry, run.MapGpaNext);
        return MapGpaChunk(current, run);
    }

    private static Result<bool> Answer(KvmRun run, TdvmcallStatus status, ulong r11)
    {
        (run.VmcallStatus, run.VmcallR11) = (status, r11);
        return true;
    }

    private static bool IsLegal(Vm vm, ulong gpa) => vm.Frames.Contains(TdProgram.FrameOf(gpa));
}
