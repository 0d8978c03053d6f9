using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class RmpTableTests
{
    private readonly RmpLab _lab = new();

    public static TheoryData<bool, ushort, bool, bool, RmpPageState> PageStates => new()
    {
        { false, 0, false, false, RmpPageState.Hypervisor },
        { true, 0, true, false, RmpPageState.Firmware },
        { true, 0, false, false, RmpPageState.Reclaim },
        { true, 5, true, false, RmpPageState.PreGuest },
        { true, 5, false, false, RmpPageState.GuestInvalid },
        { true, 5, false, true, RmpPageState.GuestValid },
    };

    [Theory]
    [MemberData(nameof(PageStates))]
    public void Assigned_asid_immutable_and_validated_make_the_page_state(
        bool assigned, ushort asid, bool immutable, bool validated, RmpPageState state)
    {
        if (assigned) _lab.Assign(3, immutable: immutable, to: new(asid));
        if (validated) _lab.Validate(3);

        Assert.Equal(state, _lab.Rmp.StateOf(RmpLab.At(3)).PageState());
    }

    [Fact]
    public void The_firmware_makes_a_launch_page_valid()
    {
        _lab.Assign(3, immutable: true);
        Assert.Equal(RmpResult.FailPermission, _lab.Share(3));

        Assert.True(_lab.Ask(new SnpLaunchUpdate(RmpLab.At(3), RmpLab.Guest, Vmsa: true)));

        Assert.Equal(RmpPageState.GuestValid, _lab.Rmp.StateOf(RmpLab.At(3)).PageState());
        Assert.True(_lab.Rmp.StateOf(RmpLab.At(3)).Vmsa);
        Assert.Equal(Fault.None, _lab.Touch(3, AccessKind.Write));
    }

    [Fact]
    public void The_firmware_launches_no_page_of_another_guest_or_state()
    {
        _lab.Assign(3, immutable: true);
        _lab.Assign(4);

        Assert.False(_lab.Ask(new SnpLaunchUpdate(RmpLab.At(3), new(6), Vmsa: false)));
        Assert.False(_lab.Ask(new SnpLaunchUpdate(RmpLab.At(4), RmpLab.Guest, Vmsa: false)));
        Assert.False(_lab.Ask(new SnpLaunchUpdate(RmpLab.At(5), RmpLab.Guest, Vmsa: false)));
        Assert.False(_lab.Ask(new SnpLaunchUpdate(RmpLab.At(4 * 512), RmpLab.Guest, Vmsa: false)));
    }

    [Fact]
    public void A_launch_page_can_be_shared_again_only_after_the_firmware_gave_it_up()
    {
        _lab.Assign(3, immutable: true);
        Assert.Equal(RmpResult.FailPermission, _lab.Share(3));

        Assert.True(_lab.Ask(new SnpPageReclaim(RmpLab.At(3))));
        Assert.False(_lab.Ask(new SnpPageReclaim(RmpLab.At(3))));

        Assert.Equal(RmpResult.Success, _lab.Share(3));
    }

    [Fact]
    public void Rmpread_says_of_a_2M_aligned_page_whether_another_page_of_its_2M_is_assigned()
    {
        Assert.False(Read(0).RegionAssigned);

        _lab.Assign(0);
        Assert.False(Read(0).RegionAssigned);

        _lab.Assign(7);
        Assert.True(Read(0).RegionAssigned);
        Assert.False(Read(7).RegionAssigned);
        Assert.False(Read(1).RegionAssigned);

        _lab.Share(0);
        Assert.True(Read(0).RegionAssigned);
    }

    [Fact]
    public void Rmpread_hides_validated_and_vmsa_which_the_table_shows()
    {
        _lab.MakeVmsa(3);

        Assert.False(Read(3).Validated || Read(3).Vmsa);
        var table = _lab.Ask(new ReadRmpEntry(RmpLab.At(3)));
        Assert.True(table.Validated && table.Vmsa);
    }

    [Fact]
    public void A_page_inside_a_2M_entry_reads_as_assigned_at_2M()
    {
        _lab.Assign(0, PageLevel.Level2M);

        Assert.True(Read(7).Assigned);
        Assert.Equal(PageLevel.Level2M, Read(7).Level);
        Assert.False(Read(0).RegionAssigned);
    }

    [Fact]
    public void Memory_without_an_entry_reads_as_having_none()
    {
        Assert.False(Read(4 * 512).HasEntry);
        Assert.False(_lab.Ask(new ReadRmpEntry(new(0))).HasEntry);
        Assert.True(Read(0).HasEntry);
    }

    [Fact]
    public void Vector_89_the_host_reads_an_assigned_page_and_cannot_write_it()
    {
        _lab.Assign(3);

        var read = RmpAccess.HostWrite(RmpLab.At(3)) with { Kind = AccessKind.Read };
        Assert.Equal(Fault.None, _lab.Ask(new CheckRmp(read)));
        Assert.Equal(FaultKind.PageFault, _lab.Ask(new CheckRmp(RmpAccess.HostWrite(RmpLab.At(3)))).Kind);
        Assert.Equal(FaultKind.PageFault, _lab.Ask(new CheckRmp(RmpAccess.HostWrite(RmpLab.At(9), PageLevel.Level2M))).Kind);
        Assert.Equal(Fault.None, _lab.Ask(new CheckRmp(RmpAccess.HostWrite(RmpLab.At(9)))));
    }

    [Fact]
    public void Vector_90_4K_over_a_2M_entry_works_once_it_is_smashed_and_2M_over_4K_entries_never_does()
    {
        _lab.Assign(0, PageLevel.Level2M);
        _lab.Validate(0, level: PageLevel.Level2M);
        Assert.Equal(FaultKind.NestedPageFault, _lab.Touch(7).Kind);
        Assert.Equal(Fault.None, _lab.Touch(7, level: PageLevel.Level2M));

        _lab.Smash(0);

        Assert.Equal(Fault.None, _lab.Touch(7));
        var refused = _lab.Touch(7, level: PageLevel.Level2M);
        Assert.Equal(FaultKind.NestedPageFault, refused.Kind);
        Assert.False(refused.Error.HasFlag(PageFaultError.Sizem));
    }

    private RmpState Read(uint page) => _lab.Ask(new Rmpread(RmpLab.At(page)));
}
