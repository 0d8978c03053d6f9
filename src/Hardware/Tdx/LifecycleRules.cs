namespace GmemActors.Hardware;

/// <summary>What the calls on trust domains, vCPUs, keys and pages do once their locks are taken.</summary>
/// <remarks>Source: TDX module 1.5.</remarks>
internal static class LifecycleRules
{
    /// <summary>Whether a trust domain has its keys and its control structure, as most calls need; else why not.</summary>
    internal static TdxStatus? NotBuilding(Td td) => td.Lifecycle switch
    {
        TdLifecycle.HkidAssigned => TdxCode.TdKeysNotConfigured,
        TdLifecycle.KeysConfigured => td.OpState == TdOpState.Uninitialized ? TdxCode.OpStateIncorrect : null,
        _ => TdxCode.LifecycleStateIncorrect,
    };

    internal static TdxStatus Create(TdxState state, TdhMngCreate call)
    {
        var (page, key) = (state.Pamt.At(call.Tdr), state.Keys[call.Hkid]);
        if (page.Type != PamtPageType.Nda) return TdxCode.PageMetadataIncorrect.With(TdxOperand.Rcx);
        if (key.State != HkidState.Free) return TdxCode.HkidNotFree;
        var td = new Td(call.Tdr, call.Hkid);
        page.Take(PamtPageType.Tdr, td);
        state.Add(td);
        key.State = HkidState.Assigned;
        return TdxStatus.Success;
    }

    internal static TdxStatus ConfigureKey(TdxState state, TdhMngKeyConfig call, Td td)
    {
        if (td.Lifecycle != TdLifecycle.HkidAssigned) return TdxCode.LifecycleStateIncorrect;
        var package = 1u << call.Package;
        if ((td.ConfiguredPackages & package) != 0) return TdxCode.KeyConfigured;
        td.ConfiguredPackages |= package;
        if (td.ConfiguredPackages == state.Keys.AllPackages) td.Lifecycle = TdLifecycle.KeysConfigured;
        return TdxStatus.Success;
    }

    internal static TdxStatus AddControlStructure(TdxState state, TdhMngAddcx call, Td td)
    {
        if (td.Lifecycle == TdLifecycle.HkidAssigned) return TdxCode.TdKeysNotConfigured;
        if (td.Lifecycle != TdLifecycle.KeysConfigured) return TdxCode.LifecycleStateIncorrect;
        var page = state.Pamt.At(call.Page);
        if (page.Type != PamtPageType.Nda) return TdxCode.PageMetadataIncorrect.With(TdxOperand.Rcx);
        page.Take(PamtPageType.Tdcx, td);
        td.HasControlStructure = true;
        return TdxStatus.Success;
    }

    internal static TdxStatus Init(Td td)
    {
        if (td.Lifecycle == TdLifecycle.HkidAssigned) return TdxCode.TdKeysNotConfigured;
        if (td.Lifecycle != TdLifecycle.KeysConfigured) return TdxCode.LifecycleStateIncorrect;
        if (!td.HasControlStructure) return TdxCode.TdcsNotAllocated;
        if (td.OpState != TdOpState.Uninitialized) return TdxCode.OpStateIncorrect;
        td.OpState = TdOpState.Initialized;
        return TdxStatus.Success;
    }

    internal static TdxStatus Finalize(Td td)
    {
        if (td.OpState != TdOpState.Initialized) return TdxCode.OpStateIncorrect;
        td.OpState = TdOpState.Runnable;
        return TdxStatus.Success;
    }

    internal static TdxStatus CreateVcpu(TdxState state, TdhVpCreate call, Td td)
    {
        if (td.OpState != TdOpState.Initialized) return TdxCode.OpStateIncorrect;
        var page = state.Pamt.At(call.Tdvpr);
        if (page.Type != PamtPageType.Nda) return TdxCode.PageMetadataIncorrect.With(TdxOperand.Rcx);
        page.Take(PamtPageType.Tdvpr, td);
        td.Vcpus.Add(new(call.Tdvpr, td));
        return TdxStatus.Success;
    }

    internal static TdxStatus InitVcpu(TdVcpu vcpu)
    {
        if (vcpu.IsInitialized) return TdxCode.VcpuStateIncorrect;
        vcpu.IsInitialized = true;
        return TdxStatus.Success;
    }

    internal static TdxStatus Enter(TdhVpEnter call, TdVcpu vcpu)
    {
        var td = vcpu.Td;
        if (td.OpState != TdOpState.Runnable) return TdxCode.OpStateIncorrect;
        if (!vcpu.IsInitialized) return TdxCode.VcpuStateIncorrect;
        if (vcpu.AssociatedCpu != TdVcpu.Nowhere && vcpu.AssociatedCpu != call.Cpu) return TdxCode.VcpuAssociated;
        if (vcpu.ZeroStep.IsSuspected && !vcpu.ZeroStep.IsCleared(td.Sept)) return TdxStatus.EptViolationExit;
        var epoch = td.Epochs.Enter();
        var sameEpoch = vcpu.Epoch == epoch && vcpu.AssociatedCpu == call.Cpu;
        (vcpu.AssociatedCpu, vcpu.Epoch, vcpu.IsInside) = (call.Cpu, epoch, true);
        return sameEpoch ? TdxStatus.Success : TdxStatus.Flushed;
    }

    internal static TdxStatus Flush(TdhVpFlush call, TdVcpu vcpu)
    {
        if (vcpu.AssociatedCpu == TdVcpu.Nowhere || vcpu.AssociatedCpu != call.Cpu) return TdxCode.VcpuNotAssociated;
        vcpu.AssociatedCpu = TdVcpu.Nowhere;
        return TdxStatus.Success;
    }

    internal static TdxStatus FlushDone(TdxState state, Td td)
    {
        if (td.Lifecycle is TdLifecycle.Blocked or TdLifecycle.Teardown) return TdxCode.LifecycleStateIncorrect;
        foreach (var vcpu in td.Vcpus)
        {
            if (vcpu.AssociatedCpu != TdVcpu.Nowhere) return TdxCode.FlushvpNotDone;
        }

        td.Lifecycle = TdLifecycle.Blocked;
        var key = state.Keys[td.Hkid];
        (key.State, key.DirtyPackages) = (HkidState.Flushed, state.Keys.AllPackages);
        return TdxStatus.Success;
    }

    internal static TdxStatus WriteBack(TdxState state, TdhPhymemCacheWb call) =>
        state.Keys.TryWriteBack(call.Package) ? TdxStatus.Success : TdxCode.NoHkidReadyToWbcache;

    internal static TdxStatus FreeKey(TdxState state, Td td)
    {
        if (td.Lifecycle != TdLifecycle.Blocked) return TdxCode.LifecycleStateIncorrect;
        var key = state.Keys[td.Hkid];
        if (key.DirtyPackages != 0) return TdxCode.WbcacheNotComplete;
        key.State = HkidState.Free;
        td.Lifecycle = TdLifecycle.Teardown;
        return TdxStatus.Success;
    }

    internal static TdxStatus Reclaim(TdxState state, TdhPhymemPageReclaim call, Td td)
    {
        if (td.Lifecycle != TdLifecycle.Teardown) return TdxCode.LifecycleStateIncorrect;
        if (call.Page == td.Tdr)
        {
            if (td.ChildCount > 0) return TdxCode.TdAssociatedPagesExist;
            state.Remove(td);
        }

        state.Pamt.At(call.Page).GiveBack();
        return TdxStatus.Success;
    }

    internal static TdxStatus WriteBackPage(TdxState state, TdhPhymemPageWbinvd call) =>
        state.Pamt.TypeOf(call.Page) == PamtPageType.Nda ? TdxStatus.Success : TdxCode.PageMetadataIncorrect.With(TdxOperand.Rcx);
}
