using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>How the fault of a user ended: <c>VM_FAULT_…</c>. Source: include/linux/mm_types.h.</summary>
internal enum VmFault
{
    /// <summary>There is nothing more to do: try the access again.</summary>
    NoPage,

    /// <summary>The file has a page, which is locked and referenced.</summary>
    Locked,

    /// <summary>Try again from the start.</summary>
    Retry,

    /// <summary>No page to be had: SIGBUS.</summary>
    Sigbus,

    /// <summary>The page's memory has failed: SIGBUS.</summary>
    Hwpoison,

    /// <summary>Nothing is mapped there: SIGSEGV.</summary>
    Sigsegv,

    /// <summary>Out of memory.</summary>
    Oom,
}

/// <summary>What a file says of a page that a user wants: the frame if there is one.</summary>
internal readonly record struct FileFault(VmFault Fault, Pfn Pfn)
{
    /// <summary>No page.</summary>
    public static implicit operator FileFault(VmFault fault) => new(fault, default);
}
