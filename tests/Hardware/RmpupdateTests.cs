using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class RmpupdateTests
{
    private readonly RmpLab _lab = new();

    [Fact]
    public void An_assignment_sets_gpa_asid_size_and_immutable()
    {
        Assert.Equal(RmpResult.Success, _lab.Assign(3, immutable: true));

        var entry = _lab.Rmp.StateOf(RmpLab.At(3));
        Assert.Equal(RmpState.Private(RmpLab.Guest, RmpLab.GuestAt(3), PageLevel.Level4K, immutable: true), entry);
    }

    [Fact]
    public void An_assignment_clears_validated_and_vmsa()
    {
        _lab.MakeVmsa(3);

        Assert.Equal(RmpResult.Success, _lab.Assign(3));

        Assert.False(_lab.Rmp.StateOf(RmpLab.At(3)).Validated);
        Assert.False(_lab.Rmp.StateOf(RmpLab.At(3)).Vmsa);
    }

    [Fact]
    public void An_assignment_to_a_guest_gives_vmpl0_everything_and_the_others_nothing()
    {
        _lab.Assign(3);
        _lab.Validate(3);
        _lab.Adjust(3, Vmpl.L2, VmplPermissions.Read);

        _lab.Assign(3);

        Assert.Equal(VmplPermissions.All, _lab.Rmp.PermissionsOf(RmpLab.At(3), Vmpl.L0));
        Assert.Equal(VmplPermissions.None, _lab.Rmp.PermissionsOf(RmpLab.At(3), Vmpl.L1));
        Assert.Equal(VmplPermissions.None, _lab.Rmp.PermissionsOf(RmpLab.At(3), Vmpl.L2));
        Assert.Equal(VmplPermissions.None, _lab.Rmp.PermissionsOf(RmpLab.At(3), Vmpl.L3));
    }

    [Fact]
    public void An_assignment_to_the_firmware_gives_no_vmpl_anything()
    {
        Assert.Equal(RmpResult.Success, _lab.Assign(3, immutable: true, to: Asid.Host));

        Assert.Equal(VmplPermissions.None, _lab.Rmp.PermissionsOf(RmpLab.At(3), Vmpl.L0));
        Assert.Equal(RmpPageState.Firmware, _lab.Rmp.StateOf(RmpLab.At(3)).PageState());
    }

    [Theory]
    [InlineData(PageLevel.Level4K, 7u)]
    [InlineData(PageLevel.Level2M, 512u)]
    public void An_assigned_page_can_be_taken_back(PageLevel level, uint page)
    {
        _lab.Assign(page, level);

        Assert.Equal(RmpResult.Success, _lab.Share(page, level));

        Assert.Equal(RmpState.Shared, _lab.Rmp.StateOf(RmpLab.At(page)));
    }

    [Fact]
    public void A_page_can_go_from_one_guest_to_another_at_once()
    {
        _lab.Assign(3);

        Assert.Equal(RmpResult.Success, _lab.Assign(3, to: new(6)));
        Assert.Equal(new Asid(6), _lab.Rmp.StateOf(RmpLab.At(3)).Asid);
    }

    [Fact]
    public void FAIL_INPUT_for_a_page_that_the_rmp_does_not_cover() =>
        Assert.Equal(RmpResult.FailInput, _lab.Assign(4 * 512));

    [Fact]
    public void FAIL_INPUT_for_a_2M_page_that_is_not_aligned() =>
        Assert.Equal(RmpResult.FailInput, _lab.Assign(1, PageLevel.Level2M));

    [Fact]
    public void FAIL_INPUT_for_a_2M_page_at_a_guest_frame_that_is_not_aligned() =>
        Assert.Equal(RmpResult.FailInput, _lab.Update(0, RmpState.Private(RmpLab.Guest, RmpLab.GuestAt(1), PageLevel.Level2M)));

    [Fact]
    public void FAIL_PERMISSION_when_a_guest_executes_it() =>
        Assert.Equal(RmpResult.FailPermission, _lab.Update(0, RmpState.Shared, by: RmpLab.Guest));

    [Fact]
    public void Vector_84_FAIL_PERMISSION_for_an_immutable_page()
    {
        _lab.Assign(3, immutable: true);

        Assert.Equal(RmpResult.FailPermission, _lab.Share(3));
    }

    [Fact]
    public void Vector_85_FAIL_OVERLAP_for_a_4K_page_inside_a_2M_entry()
    {
        _lab.Assign(0, PageLevel.Level2M);

        Assert.Equal(RmpResult.FailOverlap, _lab.Assign(9));
        Assert.Equal(RmpResult.FailOverlap, _lab.Share(0));
    }

    [Fact]
    public void FAIL_OVERLAP_for_a_2M_page_over_an_assigned_4K_entry()
    {
        _lab.Assign(9);

        Assert.Equal(RmpResult.FailOverlap, _lab.Assign(0, PageLevel.Level2M));
        Assert.Equal(RmpResult.FailOverlap, _lab.Share(0, PageLevel.Level2M));

        _lab.Share(9);
        Assert.Equal(RmpResult.Success, _lab.Assign(0, PageLevel.Level2M));
    }

    [Fact]
    public void Vector_88_FAIL_INUSE_while_a_vmrun_uses_the_page()
    {
        _lab.MakeVmsa(3);
        var pages = new VmrunPages(RmpLab.At(600), RmpLab.At(3), RmpLab.GuestAt(3), RmpLab.At(601));
        Assert.Equal(Fault.None, _lab.Ask(new Vmrun(RmpLab.Guest, pages)));

        Assert.Equal(RmpResult.FailInuse, _lab.Share(3));
        Assert.Equal(RmpResult.FailInuse, _lab.Assign(600));
        Assert.Equal(RmpResult.FailInuse, _lab.Assign(601));
        Assert.Equal(RmpResult.FailInuse, _lab.Assign(512, PageLevel.Level2M));

        _lab.Ask(new Vmexit(pages));
        Assert.Equal(RmpResult.Success, _lab.Share(3));
        Assert.Equal(RmpResult.Success, _lab.Assign(512, PageLevel.Level2M));
    }

    [Fact]
    public void U42_a_2M_page_over_a_firmware_page_answers_by_the_order_of_the_checks()
    {
        Assert.Equal(RmpResult.FailPermission, Answer(RmpupdateOrder.PermissionFirst));
        Assert.Equal(RmpResult.FailOverlap, Answer(RmpupdateOrder.OverlapFirst));
        Assert.Equal(RmpResult.FailOverlap, Answer(RmpupdateOrder.InuseFirst));

        static RmpResult Answer(RmpupdateOrder order)
        {
            var lab = new RmpLab(new() { RmpupdateOrder = order });
            lab.Assign(9, immutable: true, to: Asid.Host);
            return lab.Assign(0, PageLevel.Level2M);
        }
    }

    [Fact]
    public void A_page_in_use_among_assigned_ones_answers_by_the_order_of_the_checks()
    {
        Assert.Equal(RmpResult.FailInuse, Answer(RmpupdateOrder.PermissionFirst));
        Assert.Equal(RmpResult.FailOverlap, Answer(RmpupdateOrder.OverlapFirst));
        Assert.Equal(RmpResult.FailInuse, Answer(RmpupdateOrder.InuseFirst));

        static RmpResult Answer(RmpupdateOrder order)
        {
            var lab = new RmpLab(new() { RmpupdateOrder = order });
            lab.MakeVmsa(3);
            lab.Ask(new Vmrun(RmpLab.Guest, new(RmpLab.At(600), RmpLab.At(3), RmpLab.GuestAt(3))));
            return lab.Assign(0, PageLevel.Level2M);
        }
    }

    [Fact]
    public void The_first_entry_counts_the_assigned_4K_entries_of_its_2M()
    {
        _lab.Assign(0);
        _lab.Assign(1);
        _lab.Assign(511);
        _lab.Assign(512);
        Assert.Equal(3, _lab.Rmp.SubpageCountOf(RmpLab.At(77)));

        _lab.Assign(1);
        _lab.Share(0);
        _lab.Share(2);

        Assert.Equal(2, _lab.Rmp.SubpageCountOf(RmpLab.At(77)));
        Assert.Null(_lab.Rmp.Inconsistency());
    }
}
