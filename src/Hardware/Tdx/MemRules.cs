namespace GmemActors.Hardware;

/// <summary>What the calls on the secure EPT do once their locks are taken.</summary>
/// <remarks>Source: TDX module 1.5. DEMOTE and PROMOTE are left out: KVM uses neither.</remarks>
internal static class MemRules
{
    internal static TdxStatus SeptAdd(TdxState state, TdhMemSeptAdd call, Td td)
    {
        if (call.Level == PageLevel.Level4K) return TdxCode.OperandInvalid.With(TdxOperand.Rcx);
        var entry = TdxState.EntryOf(call, td)!;

        // No-op: the page stays the host's.
        if (entry.State == SeptState.NlMapped) return TdxStatus.Success;
        return Map(state, td, entry, SeptTransitions.SeptAdd(entry.State), call.Page, PamtPageType.Ept);
    }

    internal static TdxStatus PageAdd(TdxState state, TdhMemPageAdd call, Td td)
    {
        if (td.OpState != TdOpState.Initialized) return TdxCode.OpStateIncorrect;
        if (TdxState.EntryOf(call, td) is not { } entry) return TdxCode.EptWalkFailed.With(TdxOperand.Rcx);
        return Map(state, td, entry, SeptTransitions.PageAdd(entry.State), call.Page, PamtPageType.Reg);
    }

    internal static TdxStatus PageAug(TdxState state, TdhMemPageAug call, Td td)
    {
        if (td.OpState != TdOpState.Runnable) return TdxCode.OpStateIncorrect;
        if (call.Level == PageLevel.Level1G) return TdxCode.OperandInvalid.With(TdxOperand.Rcx);
        if (!call.Page.IsAligned(call.Level)) return TdxCode.OperandInvalid.With(TdxOperand.R8);
        var entry = TdxState.EntryOf(call, td)!;
        return Map(state, td, entry, SeptTransitions.PageAug(entry.State), call.Page, PamtPageType.Reg);
    }

    internal static TdxStatus Block(TdhMemRangeBlock call, Td td)
    {
        var entry = TdxState.EntryOf(call, td)!;
        if (entry.State.IsBlocked()) return TdxCode.GpaRangeAlreadyBlocked.With(TdxOperand.Rcx);
        if (SeptTransitions.Block(entry.State) is not { } blocked) return TdxCode.EptEntryStateIncorrect.With(TdxOperand.Rcx);
        entry.State = blocked;
        entry.BlockEpoch = td.Epochs.Current;
        return TdxStatus.Success;
    }

    // Simplified: whether the block has been tracked is not looked at.
    internal static TdxStatus Unblock(TdhMemRangeUnblock call, Td td)
    {
        var entry = TdxState.EntryOf(call, td)!;
        if (SeptTransitions.Unblock(entry.State) is not { } unblocked) return TdxCode.GpaRangeNotBlocked.With(TdxOperand.Rcx);
        entry.State = unblocked;
        return TdxStatus.Success;
    }

    internal static TdxStatus PageRemove(TdxState state, TdhMemPageRemove call, Td td)
    {
        var entry = TdxState.EntryOf(call, td)!;
        if (!entry.State.IsLeaf()) return TdxCode.EptEntryStateIncorrect.With(TdxOperand.Rcx);
        if (td.OpState == TdOpState.Runnable && Untracked(entry, td) is { } refused) return refused;
        return Unmap(state, entry);
    }

    internal static TdxStatus SeptRemove(TdxState state, TdhMemSeptRemove call, Td td)
    {
        var entry = TdxState.EntryOf(call, td)!;
        var incorrect = TdxCode.EptEntryStateIncorrect.With(TdxOperand.Rcx);
        if (entry.State is not (SeptState.NlMapped or SeptState.NlBlocked)) return incorrect;
        if (Untracked(entry, td) is { } refused) return refused;
        return td.Sept.TryRemoveTable(call.Gfn, call.Level) ? Unmap(state, entry) : incorrect;
    }

    internal static TdxStatus Accept(TdgMemPageAccept call, Td td)
    {
        var (entry, level) = td.Sept.FindLast(call.Gfn, call.Level);
        if (entry.State.IsAccessible()) return new((ulong)TdxCode.PageAlreadyAccepted | TdxLevel(level));
        if (entry.State == SeptState.NlMapped) return new((ulong)TdxCode.PageSizeMismatch | TdxLevel(level));
        if (level != call.Level || SeptTransitions.Accept(entry.State) is not { } accepted) return TdxStatus.EptViolationExit;
        entry.Accepted = call.Zeroed;
        if ((ulong)entry.Accepted < level.Pages()) return TdxCode.InterruptedResumable;
        entry.State = accepted;
        return TdxStatus.Success;
    }

    internal static TdxStatus Extend(TdhMrExtend call, Td td)
    {
        if (td.OpState != TdOpState.Initialized) return TdxCode.OpStateIncorrect;
        if (TdxState.EntryOf(call, td) is not { } entry) return TdxCode.EptWalkFailed.With(TdxOperand.Rcx);
        if (entry.State != SeptState.Mapped) return TdxCode.EptEntryStateIncorrect.With(TdxOperand.Rcx);
        td.Measurement.Add(call.Gfn.Value);
        return TdxStatus.Success;
    }

    private static TdxStatus Map(TdxState state, Td td, SeptEntry entry, SeptState? next, Pfn page, PamtPageType type)
    {
        if (next is not { } mapped) return TdxCode.EptEntryStateIncorrect.With(TdxOperand.Rcx);
        var pamt = state.Pamt.At(page);
        if (pamt.Type != PamtPageType.Nda) return TdxCode.PageMetadataIncorrect.With(TdxOperand.R8);
        pamt.Take(type, td);
        (entry.State, entry.Pfn, entry.Accepted) = (mapped, page, 0);
        return TdxStatus.Success;
    }

    // FREE, not REMOVED: that is for trust domains that are being exported.
    private static TdxStatus Unmap(TdxState state, SeptEntry entry)
    {
        state.Pamt.At(entry.Pfn).GiveBack();
        entry.State = SeptState.Free;
        return TdxStatus.Success;
    }

    private static TdxStatus? Untracked(SeptEntry entry, Td td)
    {
        if (!entry.State.IsBlocked()) return TdxCode.GpaRangeNotBlocked.With(TdxOperand.Rcx);
        return td.Epochs.IsTracked(entry.BlockEpoch) ? null : TdxCode.TlbTrackingNotDone.With(TdxOperand.Rcx);
    }

    // The module counts levels from 0.
    private static ulong TdxLevel(PageLevel level) => (ulong)level - 1;
}
