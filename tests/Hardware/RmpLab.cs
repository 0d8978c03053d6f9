using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

/// <summary>An RMP over four 2M regions, and the instructions on it by the name of what they do.</summary>
internal sealed class RmpLab
{
    internal static readonly Pfn Base = new(0x1000);
    internal static readonly Gfn GuestBase = new(0x2000);
    internal static readonly Asid Guest = new(5);
    internal static readonly SnpContext Vmpl0 = new(Guest, Vmpl.L0);

    private readonly Lab _lab;

    internal RmpLab(MachineOptions? options = null)
    {
        Rmp = new("rmp", Base, 4 * (int)PageLevels.PagesPer2M, options);
        _lab = new(Rmp);
    }

    internal Rmp Rmp { get; }

    internal static Pfn At(uint page) => new(Base.Value + page);

    internal static Gfn GuestAt(uint page) => GuestBase + page;

    internal T Ask<T>(Message<T> message) => _lab.Ask(Rmp, message);

    internal RmpResult Update(uint page, RmpState state, Asid by = default) =>
        _lab.Do(current => RmpInstructions.Rmpupdate(current, Rmp, At(page), state, by));

    internal RmpResult Assign(uint page, PageLevel level = PageLevel.Level4K, bool immutable = false, Asid? to = null) =>
        Update(page, RmpState.Private(to ?? Guest, GuestAt(page), level, immutable));

    internal RmpResult Share(uint page, PageLevel level = PageLevel.Level4K) => Update(page, RmpState.SharedAt(level));

    internal RmpResult Smash(uint page, Asid by = default) =>
        _lab.Do(current => RmpInstructions.Psmash(current, Rmp, At(page), by));

    internal RmpOutcome Validate(
        uint page,
        bool validate = true,
        PageLevel level = PageLevel.Level4K,
        SnpContext? by = null,
        bool encrypted = true,
        Gfn? gfn = null) =>
        _lab.Do(current => RmpInstructions.Pvalidate(
            current, Rmp, At(page), gfn ?? GuestAt(page), by ?? Vmpl0, level, validate, encrypted));

    internal RmpOutcome Adjust(
        uint page,
        Vmpl target,
        VmplPermissions permissions,
        bool vmsa = false,
        Vmpl by = Vmpl.L0,
        PageLevel level = PageLevel.Level4K) =>
        _lab.Do(current => RmpInstructions.Rmpadjust(
            current, Rmp, At(page), GuestAt(page), new(Guest, by), level, target, permissions, vmsa));

    /// <summary>The guest's private access through a nested mapping of the given size.</summary>
    internal Fault Touch(
        uint page, AccessKind kind = AccessKind.Read, PageLevel level = PageLevel.Level4K, Vmpl vmpl = Vmpl.L0) =>
        Ask(new CheckRmp(new()
        {
            Pfn = At(page),
            Gfn = GuestAt(page),
            Level = level,
            By = Accessor.SnpGuest,
            Kind = kind,
            Encrypted = true,
            Context = new(Guest, vmpl),
        }));

    /// <summary>A page that the guest has validated and made a VMSA.</summary>
    internal void MakeVmsa(uint page)
    {
        Assert.Equal(RmpResult.Success, Assign(page));
        Assert.Equal(RmpResult.Success, Validate(page).Code);
        Assert.Equal(RmpResult.Success, Adjust(page, Vmpl.L1, VmplPermissions.None, vmsa: true).Code);
    }
}
