using GmemActors.Engine;

namespace GmemActors.Hardware;

/// <summary>What the TDX module keeps.</summary>
internal sealed class TdxState(Pfn first, int count, MachineOptions options)
{
    private readonly List<Td> _tds = [];

    internal Pamt Pamt { get; } = new(first, count);

    internal KeyTable Keys { get; } = new(options.Packages);

    internal Td? FindTd(Pfn tdr)
    {
        foreach (var td in _tds)
        {
            if (td.Tdr == tdr) return td;
        }

        return null;
    }

    internal TdVcpu? FindVcpu(Pfn tdvpr)
    {
        foreach (var td in _tds)
        {
            foreach (var vcpu in td.Vcpus)
            {
                if (vcpu.Tdvpr == tdvpr) return vcpu;
            }
        }

        return null;
    }

    internal Td? TdOf(Seamcall call) => call switch
    {
        TdCall named => FindTd(named.Tdr),
        VpCall named => FindVcpu(named.Tdvpr)?.Td,
        TdhPhymemPageReclaim reclaim when Pamt.Covers(reclaim.Page) => Pamt.At(reclaim.Page).Owner,
        _ => null,
    };

    internal void Add(Td td) => _tds.Add(td);

    internal void Remove(Td td) => _tds.Remove(td);

    /// <summary>The lock that a call means, and the operand it is called by; no lock: none is needed.</summary>
    internal TdxStatus Resolve(TdxLock which, Seamcall call, out SharexLock? found, out TdxOperand operand)
    {
        (found, operand) = (null, TdxOperand.None);
        var td = TdOf(call);
        switch (which)
        {
            case TdxLock.Kot:
                (found, operand) = (Keys.Lock, TdxOperand.Kot);
                return TdxStatus.Success;
            case TdxLock.Page:
                return ResolvePage(call, td, out found, out operand);
            case TdxLock.Tdvpr:
                if (FindVcpu(((VpCall)call).Tdvpr) is not { } vcpu) return TdxCode.PageMetadataIncorrect.With(TdxOperand.Rcx);
                (found, operand) = (vcpu.Lock, TdxOperand.Tdvpr);
                return TdxStatus.Success;
        }

        if (td is null) return TdxCode.PageMetadataIncorrect.With(TdxOperand.Rcx);
        switch (which)
        {
            // The root's own reclaim has the root as its page.
            case TdxLock.Tdr:
                if (call.NamedPage != td.Tdr) (found, operand) = (Pamt.At(td.Tdr).Lock, TdxOperand.Tdr);
                return TdxStatus.Success;
            case TdxLock.OpState:
                (found, operand) = (td.OpStateLock, TdxOperand.OpState);
                return TdxStatus.Success;
            case TdxLock.SeptTreeIfZeroStep when !FindVcpu(((VpCall)call).Tdvpr)!.ZeroStep.IsSuspected:
                return TdxStatus.Success;
            case TdxLock.SeptTree or TdxLock.SeptTreeIfZeroStep:
                (found, operand) = (td.SeptTreeLock, TdxOperand.Sept);
                return TdxStatus.Success;
            case TdxLock.TdEpoch:
                (found, operand) = (td.EpochLock, TdxOperand.TdEpoch);
                return TdxStatus.Success;
            default:
                Check.That(which == TdxLock.SeptEntry);
                (found, operand) = (EntryOf(call, td)?.Lock, TdxOperand.SeptEntry);
                return found is null ? TdxCode.EptWalkFailed.With(TdxOperand.Rcx) : TdxStatus.Success;
        }
    }

    /// <summary>The entry that a call means; null if there is no page table for it.</summary>
    internal static SeptEntry? EntryOf(Seamcall call, Td td) => call switch
    {
        SeptCall host => td.Sept.Find(host.Gfn, host.Level),
        TdgMemPageAccept accept => td.Sept.FindLast(accept.Gfn, accept.Level).Entry,
        _ => null,
    };

    private TdxStatus ResolvePage(Seamcall call, Td? td, out SharexLock? found, out TdxOperand operand)
    {
        (found, operand) = (null, call.PageOperand);
        var page = call.NamedPage;
        if (page is null && EntryOf(call, td!) is { State: > SeptState.Removed } entry) page = entry.Pfn;
        if (page is not { } pfn) return TdxStatus.Success;
        if (!Pamt.Covers(pfn)) return TdxCode.OperandInvalid.With(operand);
        found = Pamt.At(pfn).Lock;
        return TdxStatus.Success;
    }
}
