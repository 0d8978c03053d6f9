using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class PvalidateTests
{
    private const PageFaultError Refused = PageFaultError.Present | PageFaultError.Rmp | PageFaultError.Final | PageFaultError.Enc;

    private readonly RmpLab _lab = new();

    [Fact]
    public void Vector_77_validating_twice_succeeds_with_the_carry_flag_the_second_time()
    {
        _lab.Assign(3);

        Assert.Equal(new RmpOutcome(RmpResult.Success), _lab.Validate(3));
        Assert.Equal(new RmpOutcome(RmpResult.Success, carry: true), _lab.Validate(3));
    }

    [Fact]
    public void Vector_78_a_page_that_is_no_longer_validated_raises_VC()
    {
        _lab.Assign(3);
        _lab.Validate(3);
        Assert.Equal(Fault.None, _lab.Touch(3));

        Assert.Equal(new RmpOutcome(RmpResult.Success), _lab.Validate(3, validate: false));

        Assert.Equal(new Fault(FaultKind.PageNotValidated), _lab.Touch(3));
    }

    [Fact]
    public void Vector_79_a_page_that_went_to_the_host_and_back_raises_VC_until_it_is_validated()
    {
        _lab.Assign(3);
        _lab.Validate(3);

        _lab.Share(3);
        Assert.Equal(FaultKind.NestedPageFault, _lab.Touch(3).Kind);

        _lab.Assign(3);
        Assert.Equal(FaultKind.PageNotValidated, _lab.Touch(3).Kind);
        _lab.Validate(3);
        Assert.Equal(Fault.None, _lab.Touch(3));
    }

    [Fact]
    public void Vector_81_a_page_that_was_just_assigned_raises_VC()
    {
        _lab.Assign(3);

        Assert.Equal(new Fault(FaultKind.PageNotValidated), _lab.Touch(3, AccessKind.Write));
    }

    [Fact]
    public void Vector_83_asking_4K_of_a_2M_entry_faults_with_SIZEM_until_it_is_smashed()
    {
        _lab.Assign(0, PageLevel.Level2M);

        Assert.Equal(new RmpOutcome(new Fault(FaultKind.NestedPageFault, Refused | PageFaultError.Sizem)), _lab.Validate(7));

        _lab.Smash(0);
        Assert.Equal(new RmpOutcome(RmpResult.Success), _lab.Validate(7));
    }

    [Fact]
    public void Asking_2M_of_4K_entries_answers_FAIL_SIZEMISMATCH_and_the_guest_goes_on_with_4K()
    {
        for (var i = 0u; i < 512; i++) _lab.Assign(i);

        Assert.Equal(new RmpOutcome(RmpResult.FailSizemismatch), _lab.Validate(0, level: PageLevel.Level2M));
        for (var i = 0u; i < 512; i++) Assert.Equal(new RmpOutcome(RmpResult.Success), _lab.Validate(i));
    }

    [Fact]
    public void It_validates_the_whole_2M_page()
    {
        _lab.Assign(0, PageLevel.Level2M);

        Assert.Equal(new RmpOutcome(RmpResult.Success), _lab.Validate(0, level: PageLevel.Level2M));

        Assert.Equal(Fault.None, _lab.Touch(511, level: PageLevel.Level2M));
    }

    [Theory]
    [InlineData(Vmpl.L1)]
    [InlineData(Vmpl.L2)]
    [InlineData(Vmpl.L3)]
    public void FAIL_PERMISSION_outside_VMPL0(Vmpl vmpl)
    {
        _lab.Assign(3);

        Assert.Equal(new RmpOutcome(RmpResult.FailPermission), _lab.Validate(3, by: new(RmpLab.Guest, vmpl)));
    }

    [Theory]
    [InlineData(PageLevel.Level1G, 0u)]
    [InlineData(PageLevel.Level2M, 1u)]
    public void FAIL_INPUT_for_a_bad_size_or_alignment(PageLevel level, uint page) =>
        Assert.Equal(new RmpOutcome(RmpResult.FailInput), _lab.Validate(page, level: level));

    [Fact]
    public void PF_with_a_reserved_bit_when_the_page_is_mapped_without_the_C_bit()
    {
        _lab.Assign(3);

        var expected = new Fault(FaultKind.PageFault, PageFaultError.Present | PageFaultError.Rsvd);
        Assert.Equal(new RmpOutcome(expected), _lab.Validate(3, encrypted: false));
    }

    [Fact]
    public void NPF_for_a_page_that_is_uncovered_foreign_elsewhere_or_immutable()
    {
        var expected = new RmpOutcome(new Fault(FaultKind.NestedPageFault, Refused));
        _lab.Assign(1, to: new(6));
        _lab.Assign(2);
        _lab.Assign(3, immutable: true);

        Assert.Equal(expected, _lab.Validate(4 * 512));
        Assert.Equal(expected, _lab.Validate(0));
        Assert.Equal(expected, _lab.Validate(1));
        Assert.Equal(expected, _lab.Validate(2, gfn: RmpLab.GuestAt(3)));
        Assert.Equal(expected, _lab.Validate(3));
    }
}
