using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class PsmashTests
{
    private readonly RmpLab _lab = new();

    [Fact]
    public void It_makes_512_entries_with_consecutive_guest_frames()
    {
        _lab.Assign(512, PageLevel.Level2M);

        Assert.Equal(RmpResult.Success, _lab.Smash(512));

        for (var i = 0u; i < 512; i++)
        {
            Assert.Equal(RmpState.Private(RmpLab.Guest, RmpLab.GuestAt(512 + i)), _lab.Rmp.StateOf(RmpLab.At(512 + i)));
        }

        Assert.Equal(512, _lab.Rmp.SubpageCountOf(RmpLab.At(512)));
        Assert.Null(_lab.Rmp.Inconsistency());
    }

    [Fact]
    public void It_keeps_validated_and_permissions()
    {
        _lab.Assign(0, PageLevel.Level2M);
        _lab.Validate(0, level: PageLevel.Level2M);
        _lab.Adjust(0, Vmpl.L1, VmplPermissions.Read, level: PageLevel.Level2M);

        _lab.Smash(0);

        Assert.True(_lab.Rmp.StateOf(RmpLab.At(300)).Validated);
        Assert.Equal(VmplPermissions.Read, _lab.Rmp.PermissionsOf(RmpLab.At(300), Vmpl.L1));
        Assert.Equal(VmplPermissions.All, _lab.Rmp.PermissionsOf(RmpLab.At(300), Vmpl.L0));
    }

    [Fact]
    public void Vector_87_FAIL_INPUT_for_a_page_that_is_not_aligned()
    {
        _lab.Assign(0, PageLevel.Level2M);

        Assert.Equal(RmpResult.FailInput, _lab.Smash(1));
    }

    [Fact]
    public void FAIL_INPUT_for_a_page_that_the_rmp_does_not_cover() => Assert.Equal(RmpResult.FailInput, _lab.Smash(4 * 512));

    [Theory]
    [InlineData(RmpResult.FailUnsuitable)]
    [InlineData(RmpResult.FailOverlap)]
    public void Vector_87_a_4K_or_unassigned_entry_answers_7_or_4_as_the_machine_has_it(RmpResult code)
    {
        var lab = new RmpLab(new() { PsmashBadPageCode = code });
        lab.Assign(0);

        Assert.Equal(code, lab.Smash(0));
        Assert.Equal(code, lab.Smash(512));
    }

    [Fact]
    public void FAIL_PERMISSION_when_a_guest_executes_it() =>
        Assert.Equal(RmpResult.FailPermission, _lab.Smash(0, by: RmpLab.Guest));

    [Fact]
    public void FAIL_PERMISSION_for_an_immutable_page()
    {
        _lab.Assign(0, PageLevel.Level2M, immutable: true);

        Assert.Equal(RmpResult.FailPermission, _lab.Smash(0));
    }

    [Fact]
    public void FAIL_INUSE_while_a_vmrun_uses_the_page()
    {
        _lab.Assign(0, PageLevel.Level2M);
        _lab.Validate(0, level: PageLevel.Level2M);
        _lab.Adjust(0, Vmpl.L1, VmplPermissions.None, vmsa: true, level: PageLevel.Level2M);
        var pages = new VmrunPages(RmpLab.At(600), RmpLab.At(3), RmpLab.GuestAt(3));
        Assert.Equal(Fault.None, _lab.Ask(new Vmrun(RmpLab.Guest, pages)));

        Assert.Equal(RmpResult.FailInuse, _lab.Smash(0));

        _lab.Ask(new Vmexit(pages));
        Assert.Equal(RmpResult.Success, _lab.Smash(0));
    }
}
