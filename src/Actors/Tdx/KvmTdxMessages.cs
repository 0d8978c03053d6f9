using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>Reads the state of a VM's trust domain.</summary>
public sealed record ReadKvmTdx : Query<KvmTdxState>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadKvmTdx Now = new();
}

/// <summary>The trust domain as SEAMCALLs name it, <c>struct tdx_td</c>; none if it has no root.</summary>
public sealed record ReadTd : Query<TrustDomain?>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadTd Now = new();
}

/// <summary>Reads <c>wait_for_sept_zap</c>: whether a vCPU had better not enter.</summary>
public sealed record ReadWaitForSeptZap : Query<bool>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadWaitForSeptZap Now = new();
}

/// <summary>Writes <c>wait_for_sept_zap</c>.</summary>
public sealed record WriteWaitForSeptZap(bool Value) : Message<Done>;

/// <summary>Writes how far the trust domain is built.</summary>
public sealed record WriteTdState(TdState State) : Message<Done>;

/// <summary>Writes the VM's HKID; none: it has none any more.</summary>
public sealed record WriteHkid(Hkid? Hkid) : Message<Done>;

/// <summary>Reads the VM's HKID.</summary>
public sealed record ReadHkid : Query<Hkid?>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadHkid Now = new();
}

/// <summary>Writes the root of the trust domain: <c>tdr_page</c>.</summary>
public sealed record WriteTdr(Pfn? Tdr) : Message<Done>;

/// <summary>Writes the control structure's page: <c>tdcs_pages</c>.</summary>
public sealed record WriteTdcs(Pfn? Tdcs) : Message<Done>;

/// <summary>Reads the control structure's page.</summary>
public sealed record ReadTdcs : Query<Pfn?>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadTdcs Now = new();
}

/// <summary>Reads <c>page_add_src</c>: the source that populate noted for PAGE.ADD.</summary>
public sealed record ReadPageAddSrc : Query<Pfn?>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadPageAddSrc Now = new();
}

/// <summary>Writes <c>page_add_src</c>.</summary>
public sealed record WritePageAddSrc(Pfn? Source) : Message<Done>;

/// <summary>Notes that a page is given up: the TDX module would not let it go.</summary>
public sealed record TdxLeakPage(Pfn Pfn) : Message<Done>;
