using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class TdxStatusTests
{
    [Theory]
    [InlineData(TdxCode.Success, 0x0ul, false)]
    [InlineData(TdxCode.OperandInvalid, 0xC000010000000000, true)]
    [InlineData(TdxCode.OperandBusy, 0x8000020000000000, true)]
    [InlineData(TdxCode.PreviousTlbEpochBusy, 0x8000020100000000, true)]
    [InlineData(TdxCode.SysBusy, 0x8000020200000000, true)]
    [InlineData(TdxCode.InterruptedResumable, 0x8000000300000000, true)]
    [InlineData(TdxCode.BusyHostPriority, 0x8000020400000000, true)]
    [InlineData(TdxCode.PageMetadataIncorrect, 0xC000030000000000, true)]
    [InlineData(TdxCode.TdAssociatedPagesExist, 0xC000040000000000, true)]
    [InlineData(TdxCode.LifecycleStateIncorrect, 0xC000060700000000, true)]
    [InlineData(TdxCode.VcpuNotAssociated, 0x8000070200000000, true)]
    [InlineData(TdxCode.FlushvpNotDone, 0x8000082400000000, true)]
    [InlineData(TdxCode.NoHkidReadyToWbcache, 0x0000082100000000, false)]
    [InlineData(TdxCode.EptWalkFailed, 0xC0000B0000000000, true)]
    [InlineData(TdxCode.GpaRangeNotBlocked, 0xC0000B0600000000, true)]
    [InlineData(TdxCode.GpaRangeAlreadyBlocked, 0x00000B0700000000, false)]
    [InlineData(TdxCode.TlbTrackingNotDone, 0xC0000B0800000000, true)]
    [InlineData(TdxCode.PageAlreadyAccepted, 0x00000B0A00000000, false)]
    [InlineData(TdxCode.PageSizeMismatch, 0xC0000B0B00000000, true)]
    [InlineData(TdxCode.EptEntryStateIncorrect, 0xC0000B0D00000000, true)]
    public void Codes_have_the_modules_values(TdxCode code, ulong value, bool isError)
    {
        Assert.Equal(value, (ulong)code);
        Assert.Equal(isError, ((TdxStatus)code).IsError);
    }

    [Theory]
    [InlineData(TdxOperand.Rcx, 0x01u)]
    [InlineData(TdxOperand.Tdr, 0x80u)]
    [InlineData(TdxOperand.Sept, 0x92u)]
    [InlineData(TdxOperand.TdEpoch, 0xA9u)]
    public void A_status_carries_its_operand_in_the_low_half(TdxOperand operand, uint value)
    {
        var status = TdxCode.OperandBusy.With(operand);

        Assert.Equal(0x8000020000000000 | value, status.Value);
        Assert.Equal(TdxCode.OperandBusy, status.Code);
        Assert.Equal(operand, status.Operand);
    }

    [Fact]
    public void An_exit_is_neither_an_error_nor_plain_success()
    {
        Assert.True(TdxStatus.EptViolationExit.IsExit);
        Assert.False(TdxStatus.EptViolationExit.IsError);
        Assert.Equal(48ul, TdxStatus.EptViolationExit.Value);
        Assert.False(TdxStatus.Success.IsExit);
    }
}
