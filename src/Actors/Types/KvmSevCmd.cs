using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>A command of KVM_MEMORY_ENCRYPT_OP, <c>struct kvm_sev_cmd</c>, as user space holds it: KVM writes to it.</summary>
/// <remarks>Source: arch/x86/include/uapi/asm/kvm.h.</remarks>
public abstract class KvmSevCmd
{
    private protected KvmSevCmd()
    {
    }

    /// <summary>What the firmware said last: <c>error</c>; 0 is success.</summary>
    public uint Error { get; internal set; }
}

/// <summary>KVM_SEV_SNP_LAUNCH_START: the firmware gets to know the guest.</summary>
public sealed class SnpLaunchStartCmd : KvmSevCmd;

/// <summary>KVM_SEV_SNP_LAUNCH_FINISH: the guest can run.</summary>
public sealed class SnpLaunchFinishCmd : KvmSevCmd;

/// <summary>KVM_SEV_SNP_LAUNCH_UPDATE: pages that the guest begins with, measured. KVM moves it on by what it has done.</summary>
/// <param name="gfn">The first frame.</param>
/// <param name="address">The user's address of the content.</param>
/// <param name="length">How many bytes.</param>
/// <param name="type">What the pages are for.</param>
/// <param name="flags">None is supported.</param>
public sealed class SnpLaunchUpdateCmd(
    Gfn gfn, ulong address, ulong length, SnpPageType type = SnpPageType.Normal, uint flags = 0) : KvmSevCmd
{
    /// <summary>The first frame that is to be done.</summary>
    public Gfn Gfn { get; internal set; } = gfn;

    /// <summary>The user's address of its content.</summary>
    public ulong Address { get; internal set; } = address;

    /// <summary>How many bytes are to be done.</summary>
    public ulong Length { get; internal set; } = length;

    /// <summary>What the pages are for.</summary>
    public SnpPageType Type { get; } = type;

    /// <summary>None is supported.</summary>
    public uint Flags { get; } = flags;
}

/// <summary>What a page of a launch is for: <c>KVM_SEV_SNP_PAGE_TYPE_…</c>.</summary>
public enum SnpPageType
{
    /// <summary>Code and data, measured with content.</summary>
    Normal = 1,

    /// <summary>Zeroes: there is no source.</summary>
    Zero = 3,

    /// <summary>Code and data whose content is not measured.</summary>
    Unmeasured = 4,

    /// <summary>Keys that the firmware puts there.</summary>
    Secrets = 5,

    /// <summary>CPUID values, which the firmware checks, and corrects in the page if it does not like them.</summary>
    Cpuid = 6,
}
