using GmemActors.Engine;

namespace GmemActors.Hardware;

/// <summary>The Intel TDX module: trust domains, their secure EPTs, their keys, and the locks on all of these.</summary>
/// <remarks>
/// <para>
/// A call takes its locks one by one, a step each (<see cref="TdxTryLock"/>), and is done, with all of them given back, in one
/// more: so two calls really meet. Nobody waits for these locks: the call that finds one taken returns OPERAND_BUSY, having
/// changed nothing. <see cref="Seamcalls"/> sends the steps.
/// </para>
/// <para>Source: TDX module 1.5; Yan Zhao, "lock status report of TDX module", 2024-09-13.</para>
/// </remarks>
public sealed class TdxModule : Actor
{
    private readonly TdxState _state;
    private readonly List<Taken> _taken = [];

    /// <summary>A module with so many pages, all of them the host's, and no trust domain.</summary>
    public TdxModule(string name, Pfn first, int count, MachineOptions? options = null) : base(name)
    {
        Options = options ?? MachineOptions.Default;
        _state = new(first, count, Options);
    }

    /// <summary>What the machine does; never changes.</summary>
    public MachineOptions Options { get; }

    /// <summary>How many locks are held by calls that are not done.</summary>
    public int TakenLocks => _taken.Count;

    /// <summary>What a page is used for.</summary>
    public PamtPageType TypeOf(Pfn pfn) => _state.Pamt.TypeOf(pfn);

    /// <summary>The phase of a trust domain's life; null if there is none.</summary>
    public TdLifecycle? LifecycleOf(Pfn tdr) => _state.FindTd(tdr)?.Lifecycle;

    /// <summary>The state of an HKID.</summary>
    public HkidState StateOf(Hkid hkid) => _state.Keys[hkid].State;

    /// <summary>The state of an entry of a trust domain's secure EPT; null if there is no page table for it.</summary>
    public SeptState? SeptStateOf(Pfn tdr, Gfn gfn, PageLevel level) => _state.FindTd(tdr)!.Sept.Find(gfn, level)?.State;

    /// <summary>A present leaf of a trust domain's secure EPT, blocked or not; none if there is none or no trust domain.</summary>
    public Pfn? LeafOf(Pfn tdr, Gfn gfn) => _state.FindTd(tdr)?.Sept.FindLeaf(gfn)?.Pfn;

    /// <summary>The root of the trust domain that has a page; none if the host has it.</summary>
    public Pfn? OwnerOf(Pfn pfn) => _state.Pamt.OwnerOf(pfn)?.Tdr;

    /// <summary>A trust domain's TLB epochs.</summary>
    public TlbEpochs EpochsOf(Pfn tdr) => _state.FindTd(tdr)!.Epochs;

    /// <summary>Whether a vCPU has entered its trust domain and has not exited.</summary>
    public bool IsInside(Pfn tdvpr) => _state.FindVcpu(tdvpr) is { IsInside: true };

    /// <summary>Whether a vCPU is suspected of being stepped by its host.</summary>
    public bool IsSuspected(Pfn tdvpr) => _state.FindVcpu(tdvpr) is { ZeroStep.IsSuspected: true };

    /// <summary>A hash of the pages that a trust domain was measured by, in order.</summary>
    public ulong MeasurementOf(Pfn tdr) => _state.FindTd(tdr)!.Measurement.Value;

    /// <summary>Makes a call before the world runs, when nobody can be in its way: it must succeed.</summary>
    public void Prepare(Seamcall call)
    {
        var status = Perform(call);
        Check.That(status == TdxStatus.Success);
    }

    /// <summary>
    /// Makes a vCPU suspected before the world runs, as if it had faulted at its first instruction again and again, at last on this frame.
    /// </summary>
    public void Suspect(Pfn tdvpr, Gfn gfn)
    {
        for (var i = 0; i <= ZeroStep.Threshold; i++) _state.FindVcpu(tdvpr)!.ZeroStep.Exited(rip: 0, gfn);
    }

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case SeptWalk walk:
                return walk.Reply(_state.FindVcpu(walk.Tdvpr)!.Td.Sept.Walk(walk.Gfn));
            case TdxTryLock attempt:
                return attempt.Reply(TryLock(sender, attempt));
            case Seamcall call:
                Check.That(Holds(sender));
                var status = Perform(call);
                if (call is TdhVpEnter enter && status.HasEntered) KeepInside(sender, _state.FindVcpu(enter.Tdvpr)!);
                GiveBack(sender);
                return call.Reply(status);
            case TdgAcceptProgress progress:
                var (entry, level) = _state.FindVcpu(progress.Tdvpr)!.Td.Sept.FindLast(progress.Gfn, progress.Level);
                return progress.Reply(level == progress.Level ? entry.Accepted : 0);
            case TdExit exit:
                Exit(exit, _state.FindVcpu(exit.Tdvpr)!);
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }

    private TdxStatus TryLock(KernelTask sender, TdxTryLock attempt)
    {
        Check.That(!attempt.Call.IsGuests || _state.FindVcpu(((VpCall)attempt.Call).Tdvpr)!.IsInside);
        var status = _state.Resolve(attempt.Lock, attempt.Call, out var found, out var operand);
        if (status == TdxStatus.Success && found is not null)
        {
            status = found.TryTake(attempt.Mode, attempt.Call.IsGuests, operand);
            if (status == TdxStatus.Success) _taken.Add(new(sender, found, attempt.Mode));
        }

        if (status != TdxStatus.Success) GiveBack(sender);
        return status;
    }

    private TdxStatus Perform(Seamcall call) => call switch
    {
        TdhMngCreate create => LifecycleRules.Create(_state, create),
        TdhPhymemCacheWb writeBack => LifecycleRules.WriteBack(_state, writeBack),
        TdhPhymemPageWbinvd writeBack => LifecycleRules.WriteBackPage(_state, writeBack),
        TdhVpFlush flush => LifecycleRules.Flush(flush, _state.FindVcpu(flush.Tdvpr)!),
        TdgMemPageAccept accept => MemRules.Accept(accept, _state.TdOf(accept)!),
        _ => PerformOnTd(call, _state.TdOf(call)!),
    };

    private TdxStatus PerformOnTd(Seamcall call, Td td) => call switch
    {
        TdhMngKeyConfig configure => LifecycleRules.ConfigureKey(_state, configure, td),
        TdhMngAddcx add => LifecycleRules.AddControlStructure(_state, add, td),
        TdhMngInit => LifecycleRules.Init(td),
        TdhMngVpflushdone => LifecycleRules.FlushDone(_state, td),
        TdhMngKeyFreeid => LifecycleRules.FreeKey(_state, td),
        TdhPhymemPageReclaim reclaim => LifecycleRules.Reclaim(_state, reclaim, td),
        _ => LifecycleRules.NotBuilding(td) ?? PerformWhileBuilt(call, td),
    };

    private TdxStatus PerformWhileBuilt(Seamcall call, Td td) => call switch
    {
        TdhMrFinalize => LifecycleRules.Finalize(td),
        TdhVpCreate create => LifecycleRules.CreateVcpu(_state, create, td),
        TdhVpInit init => LifecycleRules.InitVcpu(_state.FindVcpu(init.Tdvpr)!),
        TdhVpEnter enter => LifecycleRules.Enter(enter, _state.FindVcpu(enter.Tdvpr)!),
        TdhMemSeptAdd add => MemRules.SeptAdd(_state, add, td),
        TdhMemSeptRemove remove => MemRules.SeptRemove(_state, remove, td),
        TdhMemPageAdd add => MemRules.PageAdd(_state, add, td),
        TdhMemPageAug aug => MemRules.PageAug(_state, aug, td),
        TdhMemPageRemove remove => MemRules.PageRemove(_state, remove, td),
        TdhMemRangeBlock block => MemRules.Block(block, td),
        TdhMemRangeUnblock unblock => MemRules.Unblock(unblock, td),
        TdhMemTrack => td.Epochs.Track(),
        TdhMrExtend extend => MemRules.Extend(extend, td),
        _ => throw Unexpected(call),
    };

    // The vCPU keeps two of the locks while it is inside: they are no longer this call's.
    private void KeepInside(KernelTask sender, TdVcpu vcpu)
    {
        var root = _state.Pamt.At(vcpu.Td.Tdr).Lock;
        for (var i = _taken.Count - 1; i >= 0; i--)
        {
            if (_taken[i].Task == sender && (_taken[i].Lock == root || _taken[i].Lock == vcpu.Lock)) _taken.RemoveAt(i);
        }
    }

    private void Exit(TdExit exit, TdVcpu vcpu)
    {
        Check.That(vcpu.IsInside);
        vcpu.IsInside = false;
        vcpu.Td.Epochs.Exit(vcpu.Epoch);
        vcpu.ZeroStep.Exited(exit.Rip, exit.Violation);
        _state.Pamt.At(vcpu.Td.Tdr).Lock.Give(LockMode.Shared);
        vcpu.Lock.Give(LockMode.Exclusive);
    }

    private bool Holds(KernelTask sender)
    {
        foreach (var taken in _taken)
        {
            if (taken.Task == sender) return true;
        }

        return false;
    }

    private void GiveBack(KernelTask sender)
    {
        for (var i = _taken.Count - 1; i >= 0; i--)
        {
            if (_taken[i].Task != sender) continue;
            _taken[i].Lock.Give(_taken[i].Mode);
            _taken.RemoveAt(i);
        }
    }

    private readonly record struct Taken(KernelTask Task, SharexLock Lock, LockMode Mode);
}

/// <summary>A processor inside a trust domain walks the secure EPT.</summary>
public sealed record SeptWalk(Pfn Tdvpr, Gfn Gfn) : Query<Translation>;

/// <summary>How many 4K parts of a page an interrupted ACCEPT has zeroed.</summary>
public sealed record TdgAcceptProgress(Pfn Tdvpr, Gfn Gfn, PageLevel Level) : Query<int>;

/// <summary>A vCPU exits from the guest.</summary>
/// <param name="Tdvpr">The vCPU.</param>
/// <param name="Rip">The instruction it stands at.</param>
/// <param name="Violation">The frame, if an EPT violation made it exit.</param>
public sealed record TdExit(Pfn Tdvpr, ulong Rip, Gfn? Violation) : Message<Done>;
