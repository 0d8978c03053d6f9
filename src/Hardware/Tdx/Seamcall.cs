using GmemActors.Engine;

namespace GmemActors.Hardware;

/// <summary>A call of the TDX module: its last step, in which it is done, with all its locks held, and gives them back.</summary>
/// <remarks><see cref="Seamcalls.Call"/> takes the locks first, a step each. <c>seamcall()</c>, or TDCALL from a guest.</remarks>
public abstract record Seamcall : Message<TdxStatus>
{
    private protected Seamcall()
    {
    }

    /// <summary>What it locks, in order.</summary>
    internal abstract LockNeed[] Locks { get; }

    /// <summary>The page that it names, if any.</summary>
    internal virtual Pfn? NamedPage => null;

    /// <summary>In which register that page is.</summary>
    internal virtual TdxOperand PageOperand => TdxOperand.R8;

    /// <summary>Whether a guest makes it.</summary>
    internal virtual bool IsGuests => false;
}

/// <summary>A call that names a trust domain.</summary>
public abstract record TdCall(Pfn Tdr) : Seamcall;

/// <summary>A call that names an entry of a secure EPT.</summary>
public abstract record SeptCall(Pfn Tdr, Gfn Gfn, PageLevel Level) : TdCall(Tdr);

/// <summary>A call that names a vCPU of a trust domain.</summary>
public abstract record VpCall(Pfn Tdvpr) : Seamcall;

/// <summary>
/// Tries one lock that <paramref name="Call"/> needs. If it is not to be had, or what it belongs to is not there, the call has
/// failed: all its locks are given back.
/// </summary>
public sealed record TdxTryLock(TdxLock Lock, LockMode Mode, Seamcall Call) : Message<TdxStatus>;
