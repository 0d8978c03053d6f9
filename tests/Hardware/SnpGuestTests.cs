using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class SnpGuestTests
{
    private static readonly Gfn Gfn = new(0x2000);
    private static readonly Asid Guest = new(5);
    private static readonly PageFaultError Npf = PageFaultError.Present | PageFaultError.Rmp | PageFaultError.Final;

    private readonly Pfn _pfn = PhysicalMemory.First;
    private readonly PhysicalMemory _memory = new("memory", 1);
    private readonly Rmp _rmp = new("rmp", PhysicalMemory.First, 512);
    private readonly Cpu _cpu = new("cpu0");
    private readonly OnePage _tables;
    private readonly SnpVcpu _vcpu;
    private readonly Lab _lab;

    public SnpGuestTests()
    {
        _tables = new("tables", new(_pfn, PageLevel.Level4K, writable: true));
        _vcpu = new(_cpu, _tables, gfn => new OnePage.Walk(gfn), _rmp, _memory, new(Guest, Vmpl.L0));
        _lab = new(_memory, _rmp, _cpu, _tables);
        _lab.Ask(_memory, new AllocPage(_memory));
        _lab.Ask(_cpu, new EnterGuest());
    }

    [Fact]
    public void A_guest_reads_its_own_last_write()
    {
        Assign();
        Validate();

        Assert.Equal(Fault.None, Access(AccessKind.Write).Fault);
        Assert.Equal(new(ContentKind.Data, Guest.Key, false), Access(AccessKind.Read).Content);
        Assert.Equal(ContentKind.Ciphertext, _memory.ContentOf(_pfn, KeyId.Shared).Kind);
    }

    [Fact]
    public void The_nested_page_tables_come_before_the_rmp()
    {
        _lab.Ask(_tables, new OnePage.Map(Translation.None));
        Assert.Equal(new(FaultKind.NestedPageFault, PageFaultError.Final | PageFaultError.Enc), Access(AccessKind.Read).Fault);

        _lab.Ask(_tables, new OnePage.Map(new(_pfn, PageLevel.Level4K, writable: false)));
        Assert.Equal(
            new(FaultKind.NestedPageFault, PageFaultError.Present | PageFaultError.Write | PageFaultError.Final),
            Access(AccessKind.Write, encrypted: false).Fault);
    }

    [Fact]
    public void Vector_79_after_the_page_went_to_the_host_the_guest_sees_what_the_host_wrote_with_the_C_bit_clear()
    {
        Assign();
        Validate();
        Validate(validate: false);
        Assert.Equal(new(FaultKind.PageNotValidated), Access(AccessKind.Read).Fault);

        Update(RmpState.Shared);
        _lab.Ask(_memory, new WritePage(_pfn));

        Assert.Equal(new(ContentKind.Data, KeyId.Shared, false), Access(AccessKind.Read, encrypted: false).Content);
    }

    [Fact]
    public void Vector_80_a_write_with_the_C_bit_clear_to_a_private_page_exits_until_the_host_takes_the_page()
    {
        Assign();
        Validate();
        Assert.Equal(new(FaultKind.NestedPageFault, Npf | PageFaultError.Write), Access(AccessKind.Write, encrypted: false).Fault);

        Update(RmpState.Shared);

        Assert.Equal(Fault.None, Access(AccessKind.Write, encrypted: false).Fault);
    }

    [Fact]
    public void Vector_83_a_4K_pvalidate_of_a_2M_page_exits_with_SIZEM_and_succeeds_after_a_psmash()
    {
        Update(RmpState.Private(Guest, Gfn, PageLevel.Level2M));
        Assert.True(Validate().Fault.Error.HasFlag(PageFaultError.Sizem));

        Assert.Equal(RmpResult.Success, _lab.Do(current => RmpInstructions.Psmash(current, _rmp, _pfn)));

        Assert.Equal(new(RmpResult.Success), Validate());
        Assert.Equal(Fault.None, Access(AccessKind.Read).Fault);
    }

    [Fact]
    public void Vector_90_a_2M_mapping_of_4K_entries_faults_for_ever_without_SIZEM()
    {
        Assign();
        Validate();
        _lab.Ask(_tables, new OnePage.Map(new(_pfn, PageLevel.Level2M, writable: true)));
        _lab.Ask(_cpu, new TlbFlush());

        for (var i = 0; i < 3; i++)
        {
            Assert.Equal(new(FaultKind.NestedPageFault, Npf | PageFaultError.Enc), Access(AccessKind.Read).Fault);
        }
    }

    [Fact]
    public void A_second_access_needs_no_walk_and_still_looks_at_the_rmp()
    {
        Assign();
        Validate();
        Access(AccessKind.Read);
        _lab.Ask(_tables, new OnePage.Map(Translation.None));
        Assert.Equal(Fault.None, Access(AccessKind.Read).Fault);

        Update(RmpState.Shared);

        Assert.Equal(new(FaultKind.NestedPageFault, Npf | PageFaultError.Enc), Access(AccessKind.Read).Fault);
    }

    [Fact]
    public void What_the_page_held_before_the_assignment_is_garbage_to_the_guest_and_its_own_old_data_is_stale()
    {
        _lab.Ask(_memory, new WritePage(_pfn));
        Assign();
        Validate();
        Assert.Equal(ContentKind.Ciphertext, Access(AccessKind.Read).Content.Kind);

        Access(AccessKind.Write);
        _lab.Ask(_memory, new FreePage(_pfn));
        _lab.Ask(_memory, new AllocPage(_memory));

        Assert.True(Access(AccessKind.Read).Content.IsStale);
        Assert.NotNull(_memory.Misuse);
    }

    private void Assign() => Update(RmpState.Private(Guest, Gfn));

    private void Update(RmpState state) =>
        Assert.Equal(RmpResult.Success, _lab.Do(current => RmpInstructions.Rmpupdate(current, _rmp, _pfn, state)));

    private RmpOutcome Validate(bool validate = true) =>
        _lab.Do(current => SnpGuest.Pvalidate(current, _vcpu, Gfn, PageLevel.Level4K, validate));

    private AccessResult Access(AccessKind kind, bool encrypted = true) =>
        _lab.Do(current => SnpGuest.Access(current, _vcpu, Gfn, kind, encrypted));
}
