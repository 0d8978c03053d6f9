namespace GmemActors.Hardware;

/// <summary>A page becomes the root of a new trust domain, which gets an HKID.</summary>
public sealed record TdhMngCreate(Pfn Tdr, Hkid Hkid) : Seamcall
{
    internal override LockNeed[] Locks => SeamcallLocks.PageAndKot;

    internal override Pfn? NamedPage => Tdr;

    internal override TdxOperand PageOperand => TdxOperand.Rcx;
}

/// <summary>The trust domain's key is configured on a package.</summary>
public sealed record TdhMngKeyConfig(Pfn Tdr, int Package) : TdCall(Tdr)
{
    internal override LockNeed[] Locks => SeamcallLocks.TdAlone;
}

/// <summary>A page becomes the trust domain's control structure. Simplified: one page is enough.</summary>
public sealed record TdhMngAddcx(Pfn Tdr, Pfn Page) : TdCall(Tdr)
{
    internal override LockNeed[] Locks => SeamcallLocks.TdAndPage;

    internal override Pfn? NamedPage => Page;

    internal override TdxOperand PageOperand => TdxOperand.Rcx;
}

/// <summary>The trust domain can be built now.</summary>
public sealed record TdhMngInit(Pfn Tdr) : TdCall(Tdr)
{
    internal override LockNeed[] Locks => SeamcallLocks.TdAlone;
}

/// <summary>The trust domain is built: vCPUs can enter, pages are no longer added but augmented.</summary>
public sealed record TdhMrFinalize(Pfn Tdr) : TdCall(Tdr)
{
    internal override LockNeed[] Locks => SeamcallLocks.TdAlone;
}

/// <summary>All vCPUs are flushed: none can enter any more.</summary>
public sealed record TdhMngVpflushdone(Pfn Tdr) : TdCall(Tdr)
{
    internal override LockNeed[] Locks => SeamcallLocks.TdAndKot;
}

/// <summary>The HKID is free again; the trust domain's pages can be reclaimed.</summary>
public sealed record TdhMngKeyFreeid(Pfn Tdr) : TdCall(Tdr)
{
    internal override LockNeed[] Locks => SeamcallLocks.TdAndKot;
}

/// <summary>A page becomes the root of a new vCPU. Simplified: it needs no further pages.</summary>
/// <remarks>The mail has no row for it. It shares the root: KVM 7.2 calls it beside zaps, unlike VP.INIT.</remarks>
public sealed record TdhVpCreate(Pfn Tdr, Pfn Tdvpr) : TdCall(Tdr)
{
    internal override LockNeed[] Locks => SeamcallLocks.VpCreate;

    internal override Pfn? NamedPage => Tdvpr;

    internal override TdxOperand PageOperand => TdxOperand.Rcx;
}

/// <summary>The vCPU can run now. Simplified: APIC ids are not looked at.</summary>
public sealed record TdhVpInit(Pfn Tdvpr) : VpCall(Tdvpr)
{
    internal override LockNeed[] Locks => SeamcallLocks.VpInit;
}

/// <summary>
/// The vCPU enters the guest on a processor. Until it exits it keeps the vCPU's lock and shares the trust domain's.
/// </summary>
public sealed record TdhVpEnter(Pfn Tdvpr, int Cpu) : VpCall(Tdvpr)
{
    internal override LockNeed[] Locks => SeamcallLocks.VpEnter;
}

/// <summary>The vCPU leaves the processor that ran it; to be called there.</summary>
public sealed record TdhVpFlush(Pfn Tdvpr, int Cpu) : VpCall(Tdvpr)
{
    internal override LockNeed[] Locks => SeamcallLocks.VpFlush;
}

/// <summary>A page of a trust domain that is torn down becomes the host's again.</summary>
public sealed record TdhPhymemPageReclaim(Pfn Page) : Seamcall
{
    internal override LockNeed[] Locks => SeamcallLocks.PhymemPageReclaim;

    internal override Pfn? NamedPage => Page;

    internal override TdxOperand PageOperand => TdxOperand.Rcx;
}

/// <summary>The lines of a page that is the host's again are written back.</summary>
public sealed record TdhPhymemPageWbinvd(Pfn Page) : Seamcall
{
    internal override LockNeed[] Locks => SeamcallLocks.PhymemPageWbinvd;

    internal override Pfn? NamedPage => Page;

    internal override TdxOperand PageOperand => TdxOperand.Rcx;
}

/// <summary>A package's caches are written back. Simplified: at once, never interrupted.</summary>
public sealed record TdhPhymemCacheWb(int Package) : Seamcall
{
    internal override LockNeed[] Locks => SeamcallLocks.PhymemCacheWb;
}
