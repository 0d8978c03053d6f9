using GmemActors.Engine;

namespace GmemActors.Hardware;

/// <summary>
/// The reverse map table of SEV-SNP: whose each page is, at which guest address, and whether the guest has accepted it.
/// </summary>
/// <remarks>
/// <para>
/// An instruction that edits an entry is two messages: <see cref="RmpEntryLock"/>, then the instruction, which checks, writes
/// and unlocks. Between them another processor meets FAIL_INUSE, or an RMP fault (AMD APM vol 2 §15.36.10). <see
/// cref="RmpInstructions"/> sends both. Rights that a processor has cached follow the entry at once: the instructions flush
/// them.
/// </para>
/// <para>
/// Source: AMD APM vol 2 §15.36; Microsoft Learn for the codes; AMD-ASPFW and verismo for the count of assigned 4K pages.
/// </para>
/// </remarks>
// Simplified: one table without segments; the 16 KB of bookkeeping are not there; the erratum of 2M-aligned VMSAs is not
// modelled.
public sealed class Rmp : Actor
{
    private readonly RmpEntry[] _entries;
    private readonly Pfn _first;
    private readonly MachineOptions _options;
    private readonly List<Edit> _edits = [];

    /// <summary>Covers so many frames, all of them the hypervisor's.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="first">The first frame; 2M-aligned.</param>
    /// <param name="count">How many; a 2M page must be covered as a whole.</param>
    /// <param name="options">What the machine does.</param>
    public Rmp(string name, Pfn first, int count, MachineOptions? options = null) : base(name)
    {
        Check.That(first.IsAligned(PageLevel.Level2M));
        _entries = new RmpEntry[count];
        _first = first;
        _options = options ?? MachineOptions.Default;
    }

    /// <summary>How many instructions are between their halves.</summary>
    public int EditCount => _edits.Count;

    /// <summary>What the table says of a page: the entry that covers it.</summary>
    public RmpState StateOf(Pfn pfn) => Read(IndexOf(pfn));

    /// <summary>How many 4K entries are assigned in the 2M of a page, as the table counts them.</summary>
    public int SubpageCountOf(Pfn pfn) => _entries[Head(IndexOf(pfn))].SubpageCount;

    /// <summary>What a VMPL may do to a page.</summary>
    public VmplPermissions PermissionsOf(Pfn pfn, Vmpl vmpl) => _entries[Covering(IndexOf(pfn))].PermissionsOf(vmpl);

    /// <summary>The page that was written last, with its size; none if the latest message wrote none.</summary>
    public (Pfn Pfn, PageLevel Level)? Written { get; private set; }

    /// <summary>The VMSA that the latest message was a VMRUN with; none if it was another message.</summary>
    public Pfn? EnteredWith { get; private set; }

    /// <summary>Writes an entry before the world runs, validated or a VMSA.</summary>
    public void Set(Pfn pfn, RmpState state, bool validated = false, bool vmsa = false)
    {
        Check.That(Update(IndexOf(pfn), state) == RmpResult.Success);
        ref var entry = ref _entries[IndexOf(pfn)];
        entry.Set(RmpBits.Validated, validated);
        entry.Set(RmpBits.Vmsa, vmsa);
    }

    /// <summary>What is wrong with the table: an assigned 4K entry inside a 2M one, or a wrong count; null if nothing.</summary>
    public string? Inconsistency()
    {
        for (var head = 0; head < _entries.Length; head += (int)PageLevels.PagesPer2M)
        {
            var (end, assigned) = (Math.Min(head + (int)PageLevels.PagesPer2M, _entries.Length), 0);
            ref var first = ref _entries[head];
            for (var i = head; i < end; i++)
            {
                if (_entries[i].Assigned) assigned++;
                if (i > head && _entries[i].IsLarge) return $"{PfnOf(i)} is 2M and not aligned";
            }

            var expected = first.IsLarge ? assigned - 1 : assigned;
            if (first.IsLarge && expected > 0) return $"{PfnOf(head)} is 2M and {expected} of its pages have their own entries";
            if (first.SubpageCount != expected) return $"{PfnOf(head)} counts {first.SubpageCount}, not {expected}";
        }

        return null;
    }

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        (Written, EnteredWith) = (null, null);
        switch (message)
        {
            case CheckRmp check:
                var viewed = View(check.Access.Pfn, check.Access.Context.Vmpl);
                return check.Reply(RmpCheck.Of(check.Access, viewed, _options));
            case Rmpread read:
                return read.Reply(Covers(read.Pfn) ? ReadArchitectural(IndexOf(read.Pfn)) : RmpState.None);
            case ReadRmpEntry read:
                return read.Reply(Covers(read.Pfn) ? Read(IndexOf(read.Pfn)) : RmpState.None);
            case RmpEntryLock begin:
                return begin.Reply(Begin(sender, begin));
            case Rmpupdate update:
                End(sender, update.Pfn);
                Written = (update.Pfn, update.State.Level);
                return update.Reply(Update(IndexOf(update.Pfn), update.State));
            case Psmash smash:
                End(sender, smash.Pfn);
                return smash.Reply(Smash(IndexOf(smash.Pfn)));
            case Pvalidate validate:
                End(sender, validate.Pfn);
                return validate.Reply(Validate(validate, View(validate.Pfn, validate.By.Vmpl)));
            case Rmpadjust adjust:
                End(sender, adjust.Pfn);
                return adjust.Reply(Adjust(adjust, View(adjust.Pfn, adjust.By.Vmpl)));
            case Rmpquery query:
                return query.Reply(Permissions(query, View(query.Pfn, query.By.Vmpl)));
            case Vmrun run:
                EnteredWith = run.Pages.Vmsa;
                return run.Reply(Run(run));
            case Vmexit exit:
                Mark(exit.Pages, inUse: false);
                return Reply.Done;
            case SnpLaunchUpdate launch:
                return launch.Reply(Launch(launch));
            case SnpPageReclaim reclaim:
                return reclaim.Reply(Reclaim(reclaim.Pfn));
            default:
                throw Unexpected(message);
        }
    }

    private RmpResult Begin(KernelTask sender, RmpEntryLock begin)
    {
        if (begin.By != Asid.Host && begin.Instruction <= RmpInstruction.Psmash) return RmpResult.FailPermission;
        if (!IsOperand(begin.Pfn, begin.Level)) return RmpResult.FailInput;
        var index = IndexOf(begin.Pfn);
        var large = begin.Level == PageLevel.Level2M || _entries[Head(index)].IsLarge;
        foreach (var edit in _edits)
        {
            Check.That(edit.Task != sender);
            if (Head(edit.Index) != Head(index)) continue;
            if (large || edit.Large || edit.Index == index) return RmpResult.FailInuse;
            var counts = begin.Instruction == RmpInstruction.Rmpupdate && edit.Instruction == RmpInstruction.Rmpupdate;
            if (counts && _options.TransientOverlap) return RmpResult.FailOverlap;
        }

        _edits.Add(new(sender, index, large, begin.Instruction));
        return RmpResult.Success;
    }

    private void End(KernelTask sender, Pfn pfn)
    {
        for (var i = 0; i < _edits.Count; i++)
        {
            if (_edits[i].Task != sender) continue;
            Check.That(_edits[i].Index == IndexOf(pfn));
            _edits.RemoveAt(i);
            return;
        }

        throw new InternalErrorException($"{sender.Name} edits the RMP entry of {pfn} without having locked it");
    }

    private RmpResult Update(int index, RmpState state)
    {
        var large = state.Level == PageLevel.Level2M;
        if (large && !state.Gfn.IsAligned(PageLevel.Level2M)) return RmpResult.FailInput;
        var order = _options.RmpupdateOrder;
        if (Refuses(order.First, index, large)) return order.First;
        if (Refuses(order.Second, index, large)) return order.Second;
        if (Refuses(order.Third, index, large)) return order.Third;

        ref var entry = ref _entries[index];
        if (!large) _entries[Head(index)].SubpageCount += (ushort)((state.Assigned ? 1 : 0) - (entry.Assigned ? 1 : 0));
        entry.Write(state);
        return RmpResult.Success;
    }

    private bool Refuses(RmpResult code, int index, bool large) => code switch
    {
        RmpResult.FailPermission => Any(RmpBits.Immutable, index, large),
        RmpResult.FailInuse => Any(RmpBits.InUse, index, large),
        _ => large
            ? !_entries[index].IsLarge && _entries[index].SubpageCount > 0
            : _entries[Head(index)].IsLarge,
    };

    private bool Any(RmpBits bits, int index, bool large)
    {
        if (!large) return _entries[Covering(index)].Has(bits);
        foreach (ref var entry in _entries.AsSpan(index, (int)PageLevels.PagesPer2M))
        {
            if (entry.Has(bits)) return true;
        }

        return false;
    }

    private RmpResult Smash(int index)
    {
        if (!_entries[index].IsLarge) return _options.PsmashBadPageCode;
        if (_entries[index].Has(RmpBits.Immutable)) return RmpResult.FailPermission;
        if (_entries[index].Has(RmpBits.InUse)) return RmpResult.FailInuse;
        var large = _entries[index];
        for (var i = 0u; i < PageLevels.PagesPer2M; i++) _entries[index + i].CopyPart(large, i);
        _entries[index].SubpageCount = (ushort)PageLevels.PagesPer2M;
        return RmpResult.Success;
    }

    private RmpOutcome Validate(Pvalidate message, in RmpView view)
    {
        if (Mismatch(message.Gfn, message.By, message.Level, view) is { } refused) return refused;
        if (view.Validated == message.Validate) return new(RmpResult.Success, carry: true);
        _entries[Covering(IndexOf(message.Pfn))].Set(RmpBits.Validated, message.Validate);
        return new(RmpResult.Success);
    }

    private RmpOutcome Adjust(Rmpadjust message, in RmpView view)
    {
        if (Mismatch(message.Gfn, message.By, message.Level, view) is { } refused) return refused;
        if (!view.Validated) return new(new Fault(FaultKind.PageNotValidated));
        if ((message.Permissions & ~view.Permissions) != 0) return new(RmpResult.FailPermission);
        ref var entry = ref _entries[Covering(IndexOf(message.Pfn))];
        if (entry.Has(RmpBits.Vmsa) && entry.Has(RmpBits.InUse)) return new(RmpResult.FailInuse);
        entry.SetPermissions(message.Target, message.Permissions);
        if (message.By.Vmpl == Vmpl.L0) entry.Set(RmpBits.Vmsa, message.Vmsa);
        return new(RmpResult.Success);
    }

    // Simplified: the size of the nested mapping is not compared, only the size that was asked for.
    private static RmpOutcome? Mismatch(Gfn gfn, SnpContext by, PageLevel level, in RmpView view)
    {
        if (!RmpCheck.IsGuestOwned(view, by.Asid, gfn)) return new(Refused(PageFaultError.None));
        if (level == view.Level) return null;
        return level == PageLevel.Level2M ? new(RmpResult.FailSizemismatch) : new(Refused(PageFaultError.Sizem));
    }

    private RmpqueryReply Permissions(Rmpquery message, in RmpView view)
    {
        var isOwn = RmpCheck.IsGuestOwned(view, message.By.Asid, message.Gfn);
        if (!isOwn) return RmpqueryReply.Failed(new(Refused(PageFaultError.None)));
        if (!view.Validated) return RmpqueryReply.Failed(new(new Fault(FaultKind.PageNotValidated)));
        if (message.Target < message.By.Vmpl) return RmpqueryReply.Failed(new(RmpResult.FailPermission));
        ref var entry = ref _entries[Covering(IndexOf(message.Pfn))];
        return new(new(RmpResult.Success), entry.PermissionsOf(message.Target), entry.Has(RmpBits.Vmsa), view.Level);
    }

    // AMD APM vol 2 table 15-41. Simplified: a VMCB or AVIC page that another VMRUN uses is not told from a free one.
    private Fault Run(Vmrun run)
    {
        var pages = run.Pages;
        if (!IsHosts(pages.Vmcb)) return new(FaultKind.GeneralProtection);
        if (pages.Avic is { } avic && !IsHosts(avic)) return new(FaultKind.VmexitInvalid);
        if (pages.Vmsa is { } vmsa)
        {
            var view = View(vmsa, Vmpl.L0);
            if (view.IsEdited || !RmpCheck.IsGuestOwned(view, run.Asid, pages.VmsaGfn)) return new(FaultKind.VmexitInvalid);
            ref var entry = ref _entries[Covering(IndexOf(vmsa))];
            if (!entry.Has(RmpBits.Vmsa)) return new(FaultKind.VmexitInvalid);
            if (entry.Has(RmpBits.InUse)) return new(FaultKind.VmexitBusy);
        }

        Mark(pages, inUse: true);
        return Fault.None;
    }

    private bool IsHosts(Pfn pfn) => View(pfn, Vmpl.L0) is { Assigned: false, IsEdited: false };

    private void Mark(VmrunPages pages, bool inUse)
    {
        Mark(pages.Vmcb, inUse);
        if (pages.Vmsa is { } vmsa) Mark(vmsa, inUse);
        if (pages.Avic is { } avic) Mark(avic, inUse);
    }

    private void Mark(Pfn pfn, bool inUse)
    {
        if (Covers(pfn)) _entries[Covering(IndexOf(pfn))].Set(RmpBits.InUse, inUse);
    }

    // Simplified: the firmware's commands are one step, and what they measure is not kept.
    private bool Launch(SnpLaunchUpdate launch)
    {
        if (!Covers(launch.Pfn) || StateOf(launch.Pfn).PageState() != RmpPageState.PreGuest) return false;
        ref var entry = ref _entries[Covering(IndexOf(launch.Pfn))];
        if (entry.Asid != launch.Asid.Value) return false;
        entry.Set(RmpBits.Immutable, false);
        entry.Set(RmpBits.Validated, true);
        entry.Set(RmpBits.Vmsa, launch.Vmsa);
        return true;
    }

    private bool Reclaim(Pfn pfn)
    {
        if (!Covers(pfn) || !StateOf(pfn).Immutable) return false;
        _entries[Covering(IndexOf(pfn))].Set(RmpBits.Immutable, false);
        return true;
    }

    private RmpView View(Pfn pfn, Vmpl vmpl)
    {
        if (!Covers(pfn)) return default;
        var index = IndexOf(pfn);
        var (head, covering) = (Head(index), Covering(index));
        ref var entry = ref _entries[covering];
        return new()
        {
            Covered = true,
            Assigned = entry.Assigned,
            Asid = new(entry.Asid),
            Gfn = new(entry.Gfn + (ulong)(index - covering)),
            Immutable = entry.Has(RmpBits.Immutable),
            Level = entry.IsLarge ? PageLevel.Level2M : PageLevel.Level4K,
            Validated = entry.Has(RmpBits.Validated),
            Permissions = entry.PermissionsOf(vmpl),
            RegionAssigned = _entries[head].IsLarge || _entries[head].SubpageCount > 0,
            IsEdited = IsEdited(index),
        };
    }

    private bool IsEdited(int index)
    {
        foreach (var edit in _edits)
        {
            if (edit.Index == index || (edit.Large && Head(edit.Index) == Head(index))) return true;
        }

        return false;
    }

    // Linux takes "assigned" from the entry of the page itself, also inside a 2M page: so those entries read as assigned.
    private RmpState Read(int index)
    {
        ref var entry = ref _entries[Covering(index)];
        return new(entry.Gfn, entry.Asid, entry.Bits);
    }

    private RmpState ReadArchitectural(int index)
    {
        var (entry, head) = (Read(index), Head(index));
        var others = _entries[head].SubpageCount - (_entries[head].Assigned ? 1 : 0) > 0;
        var bits = entry.Bits & (RmpBits.Assigned | RmpBits.Large | RmpBits.Immutable);
        if (index == head && !_entries[head].IsLarge && others) bits |= RmpBits.RegionAssigned;
        return new((uint)entry.Gfn.Value, entry.Asid.Value, bits);
    }

    private static Fault Refused(PageFaultError extra) =>
        RmpCheck.Refuse(new RmpAccess { By = Accessor.SnpGuest, Encrypted = true }, extra);

    private bool IsOperand(Pfn pfn, PageLevel level) => level switch
    {
        PageLevel.Level4K => Covers(pfn),
        PageLevel.Level2M => pfn.IsAligned(level) && Covers(pfn) && Covers(new(pfn.Value + PageLevels.PagesPer2M - 1)),
        _ => false,
    };

    private bool Covers(Pfn pfn) => pfn.Value >= _first.Value && pfn.Value - _first.Value < (uint)_entries.Length;

    private int IndexOf(Pfn pfn) => (int)(pfn.Value - _first.Value);

    private Pfn PfnOf(int index) => new(_first.Value + (uint)index);

    // The 2M-aligned entry of a page's 2M.
    private static int Head(int index) => index & ~(int)(PageLevels.PagesPer2M - 1);

    // The entry that speaks for a page.
    private int Covering(int index) => _entries[Head(index)].IsLarge ? Head(index) : index;

    private readonly record struct Edit(KernelTask Task, int Index, bool Large, RmpInstruction Instruction);
}
