using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class MemCallTests
{
    [Fact]
    public void A_page_table_that_is_there_already_is_no_error_and_takes_no_page()
    {
        var lab = TdxLab.Initialized();
        var page = lab.Page();

        Assert.Equal(TdxStatus.Success, lab.Call(new TdhMemSeptAdd(lab.Tdr, TdxLab.Gfn, TdxLab.Large, page)));

        Assert.Equal(PamtPageType.Nda, lab.Module.TypeOf(page));
    }

    [Fact]
    public void EPT_WALK_FAILED_without_a_page_table()
    {
        var lab = TdxLab.Runnable();
        var elsewhere = TdxLab.Gfn + PageLevels.PagesPer2M;

        Assert.Equal(TdxCode.EptWalkFailed, lab.Call(new TdhMemPageAug(lab.Tdr, elsewhere, TdxLab.Small, lab.Page())).Code);
        Assert.Equal(TdxCode.EptWalkFailed, lab.Call(new TdhMemRangeBlock(lab.Tdr, elsewhere, TdxLab.Small)).Code);
        Assert.Equal(0, lab.Module.TakenLocks);
    }

    [Fact]
    public void A_page_is_added_before_and_augmented_after_the_trust_domain_is_finalized()
    {
        var lab = TdxLab.Initialized();
        var (added, augmented) = (lab.Page(), lab.Page());
        Assert.Equal(TdxCode.OpStateIncorrect, lab.Call(new TdhMemPageAug(lab.Tdr, TdxLab.Gfn, TdxLab.Small, augmented)).Code);
        lab.Succeed(new TdhMemPageAdd(lab.Tdr, TdxLab.Gfn, added));
        Assert.Equal(SeptState.Mapped, lab.StateAt());

        lab.Succeed(new TdhMrFinalize(lab.Tdr));
        lab.Succeed(new TdhMemPageAug(lab.Tdr, TdxLab.Gfn + 1, TdxLab.Small, augmented));

        Assert.Equal(SeptState.Pending, lab.StateAt(page: 1));
        Assert.Equal(PamtPageType.Reg, lab.Module.TypeOf(augmented));
        Assert.Equal(TdxCode.OpStateIncorrect, lab.Call(new TdhMemPageAdd(lab.Tdr, TdxLab.Gfn + 2, lab.Page())).Code);
    }

    [Fact]
    public void An_added_page_has_the_hosts_bytes_under_the_trust_domains_key()
    {
        var lab = TdxLab.Initialized();
        var (page, source) = (lab.Page(), lab.Page());
        lab.Ask(lab.Memory, new WritePage(source));

        Assert.Equal(TdxStatus.Success, lab.Do(current => Seamcalls.TdhMemPageAdd(current, lab.Td, TdxLab.Gfn, page, source)));

        Assert.Equal(new(ContentKind.Data, TdxLab.Hkid.Key, false), lab.Memory.ContentOf(page, TdxLab.Hkid.Key));
        Assert.Equal(ContentKind.Ciphertext, lab.Memory.ContentOf(page, KeyId.Shared).Kind);
    }

    [Fact]
    public void EPT_ENTRY_STATE_INCORRECT_for_a_frame_that_is_mapped_already()
    {
        var lab = TdxLab.Runnable();
        lab.Succeed(new TdhMemPageAug(lab.Tdr, TdxLab.Gfn, TdxLab.Small, lab.Page()));
        var page = lab.Page();

        Assert.Equal(TdxCode.EptEntryStateIncorrect, lab.Call(new TdhMemPageAug(lab.Tdr, TdxLab.Gfn, TdxLab.Small, page)).Code);
        Assert.Equal(PamtPageType.Nda, lab.Module.TypeOf(page));
    }

    [Fact]
    public void PAGE_METADATA_INCORRECT_for_a_page_that_is_in_use()
    {
        var lab = TdxLab.Runnable();
        var page = lab.Page();
        lab.Succeed(new TdhMemPageAug(lab.Tdr, TdxLab.Gfn, TdxLab.Small, page));

        Assert.Equal(
            TdxCode.PageMetadataIncorrect.With(TdxOperand.R8),
            lab.Call(new TdhMemPageAug(lab.Tdr, TdxLab.Gfn + 1, TdxLab.Small, page)));
        Assert.Equal(TdxCode.PageMetadataIncorrect, lab.Call(new TdhMemTrack(page)).Code);
    }

    [Fact]
    public void OPERAND_INVALID_for_a_page_that_the_module_does_not_cover_or_a_bad_level()
    {
        var lab = TdxLab.Runnable();

        var (tdr, gfn, page) = (lab.Tdr, TdxLab.Gfn, lab.Page());

        Assert.Equal(TdxCode.OperandInvalid.With(TdxOperand.R8), lab.Call(new TdhMemPageAug(tdr, gfn, TdxLab.Small, new(1))));
        Assert.Equal(TdxCode.OperandInvalid, lab.Call(new TdhMemSeptAdd(tdr, gfn, TdxLab.Small, page)).Code);
        Assert.Equal(TdxCode.OperandInvalid, lab.Call(new TdhMemPageAug(tdr, gfn, PageLevel.Level1G, page)).Code);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_page_of_a_running_trust_domain_is_removed_once_it_is_blocked_and_tracked(bool accepted)
    {
        var lab = TdxLab.Runnable();
        var page = accepted ? lab.Accepted() : lab.Page();
        if (!accepted) lab.Succeed(new TdhMemPageAug(lab.Tdr, TdxLab.Gfn, TdxLab.Small, page));
        Assert.Equal(TdxCode.GpaRangeNotBlocked, Remove(lab).Code);

        lab.Succeed(new TdhMemRangeBlock(lab.Tdr, TdxLab.Gfn, TdxLab.Small));
        Assert.Equal(accepted ? SeptState.Blocked : SeptState.PendingBlocked, lab.StateAt());
        Assert.Equal(TdxCode.TlbTrackingNotDone, Remove(lab).Code);

        lab.Succeed(new TdhMemTrack(lab.Tdr));
        Assert.Equal(TdxStatus.Success, Remove(lab));
        Assert.Equal(SeptState.Free, lab.StateAt());
        Assert.Equal(PamtPageType.Nda, lab.Module.TypeOf(page));
        Assert.Equal(TdxStatus.Success, lab.Call(new TdhPhymemPageWbinvd(page)));
    }

    [Fact]
    public void A_page_of_a_trust_domain_that_is_being_built_is_removed_at_once()
    {
        var lab = TdxLab.Initialized();
        lab.Succeed(new TdhMemPageAdd(lab.Tdr, TdxLab.Gfn, lab.Page()));

        Assert.Equal(TdxStatus.Success, Remove(lab));
    }

    [Fact]
    public void A_vcpu_that_was_inside_at_the_track_holds_the_removal_up_and_a_second_track()
    {
        var lab = TdxLab.Runnable();
        lab.Accepted();
        lab.Enter();
        lab.Succeed(new TdhMemRangeBlock(lab.Tdr, TdxLab.Gfn, TdxLab.Small));
        lab.Succeed(new TdhMemTrack(lab.Tdr));
        Assert.Equal(TdxCode.TlbTrackingNotDone, Remove(lab).Code);
        Assert.Equal(TdxCode.PreviousTlbEpochBusy, lab.Call(new TdhMemTrack(lab.Tdr)).Code);

        lab.Exit();

        Assert.Equal(TdxStatus.Success, Remove(lab));
        Assert.Equal(TdxStatus.Success, lab.Call(new TdhMemTrack(lab.Tdr)));
    }

    [Fact]
    public void Blocking_twice_is_no_error_and_blocking_nothing_is_one()
    {
        var lab = TdxLab.Runnable();
        lab.Accepted();
        lab.Succeed(new TdhMemRangeBlock(lab.Tdr, TdxLab.Gfn, TdxLab.Small));

        var again = lab.Call(new TdhMemRangeBlock(lab.Tdr, TdxLab.Gfn, TdxLab.Small));

        Assert.Equal(TdxCode.GpaRangeAlreadyBlocked, again.Code);
        Assert.False(again.IsError);
        Assert.Equal(TdxCode.EptEntryStateIncorrect, lab.Call(new TdhMemRangeBlock(lab.Tdr, TdxLab.Gfn + 1, TdxLab.Small)).Code);
    }

    [Fact]
    public void An_unblocked_page_is_the_guests_again()
    {
        var lab = TdxLab.Runnable();
        lab.Accepted();
        Assert.Equal(TdxCode.GpaRangeNotBlocked, lab.Call(new TdhMemRangeUnblock(lab.Tdr, TdxLab.Gfn, TdxLab.Small)).Code);
        lab.Succeed(new TdhMemRangeBlock(lab.Tdr, TdxLab.Gfn, TdxLab.Small));

        lab.Succeed(new TdhMemRangeUnblock(lab.Tdr, TdxLab.Gfn, TdxLab.Small));

        Assert.Equal(SeptState.Mapped, lab.StateAt());
    }

    [Fact]
    public void A_page_table_is_removed_once_it_is_empty_blocked_and_tracked()
    {
        var lab = TdxLab.Runnable();
        var call = new TdhMemSeptRemove(lab.Tdr, TdxLab.Gfn, TdxLab.Large);
        lab.Succeed(new TdhMemPageAug(lab.Tdr, TdxLab.Gfn, TdxLab.Small, lab.Page()));
        Assert.Equal(TdxCode.GpaRangeNotBlocked, lab.Call(call).Code);

        lab.Succeed(new TdhMemRangeBlock(lab.Tdr, TdxLab.Gfn, TdxLab.Large));
        Assert.Equal(TdxCode.TlbTrackingNotDone, lab.Call(call).Code);
        lab.Succeed(new TdhMemTrack(lab.Tdr));
        Assert.Equal(TdxCode.EptEntryStateIncorrect, lab.Call(call).Code);
        Assert.Equal(TdxCode.EptWalkFailed, Remove(lab).Code);

        lab.Succeed(new TdhMemRangeUnblock(lab.Tdr, TdxLab.Gfn, TdxLab.Large));
        lab.Succeed(new TdhMemRangeBlock(lab.Tdr, TdxLab.Gfn, TdxLab.Small));
        lab.Succeed(new TdhMemTrack(lab.Tdr));
        Assert.Equal(TdxStatus.Success, Remove(lab));
        lab.Succeed(new TdhMemRangeBlock(lab.Tdr, TdxLab.Gfn, TdxLab.Large));
        lab.Succeed(new TdhMemTrack(lab.Tdr));
        Assert.Equal(TdxStatus.Success, lab.Call(call));
        Assert.Equal(SeptState.Free, lab.StateAt(TdxLab.Large));
    }

    [Fact]
    public void Only_a_page_can_be_removed_as_a_page_and_only_a_table_as_a_table()
    {
        var lab = TdxLab.Runnable();
        lab.Accepted();

        Assert.Equal(TdxCode.EptEntryStateIncorrect, Remove(lab, page: 1).Code);
        Assert.Equal(TdxCode.EptEntryStateIncorrect, lab.Call(new TdhMemPageRemove(lab.Tdr, TdxLab.Gfn, TdxLab.Large)).Code);
        Assert.Equal(TdxCode.EptEntryStateIncorrect, lab.Call(new TdhMemSeptRemove(lab.Tdr, TdxLab.Gfn, TdxLab.Small)).Code);
    }

    [Fact]
    public void Only_mapped_pages_are_measured_in_order_until_the_trust_domain_is_finalized()
    {
        var (forward, backward) = (Measured(0, 1), Measured(1, 0));
        Assert.NotEqual(forward.Module.MeasurementOf(forward.Tdr), backward.Module.MeasurementOf(backward.Tdr));
        Assert.Equal(TdxCode.EptEntryStateIncorrect, forward.Call(new TdhMrExtend(forward.Tdr, TdxLab.Gfn + 2)).Code);

        forward.Succeed(new TdhMrFinalize(forward.Tdr));
        Assert.Equal(TdxCode.OpStateIncorrect, forward.Call(new TdhMrExtend(forward.Tdr, TdxLab.Gfn)).Code);

        static TdxLab Measured(params uint[] order)
        {
            var lab = TdxLab.Initialized();
            foreach (var page in order)
            {
                lab.Succeed(new TdhMemPageAdd(lab.Tdr, TdxLab.Gfn + page, lab.Page()));
                lab.Succeed(new TdhMrExtend(lab.Tdr, TdxLab.Gfn + page));
            }

            return lab;
        }
    }

    private static TdxStatus Remove(TdxLab lab, uint page = 0) =>
        lab.Call(new TdhMemPageRemove(lab.Tdr, TdxLab.Gfn + page, TdxLab.Small));
}
