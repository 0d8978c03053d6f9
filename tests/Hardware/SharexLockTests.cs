using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class SharexLockTests
{
    private readonly SharexLock _lock = new();

    [Theory]
    [InlineData(LockMode.Shared, LockMode.Shared, true)]
    [InlineData(LockMode.Shared, LockMode.Exclusive, false)]
    [InlineData(LockMode.Exclusive, LockMode.Shared, false)]
    [InlineData(LockMode.Exclusive, LockMode.Exclusive, false)]
    public void Many_readers_or_one_writer(LockMode first, LockMode second, bool both)
    {
        Assert.Equal(TdxStatus.Success, Take(first));

        Assert.Equal(both ? TdxStatus.Success : TdxCode.OperandBusy.With(TdxOperand.Sept), Take(second));

        _lock.Give(first);
        if (both) _lock.Give(second);
        Assert.True(_lock.IsFree);
    }

    [Fact]
    public void A_guest_gives_way_after_a_host_failed_until_a_host_has_had_the_lock()
    {
        Take(LockMode.Exclusive, byGuest: true);
        Assert.Equal(TdxCode.OperandBusy, Take(LockMode.Exclusive).Code);
        Assert.True(_lock.HasHostPriority);
        _lock.Give(LockMode.Exclusive);

        Assert.Equal(TdxCode.BusyHostPriority.With(TdxOperand.Sept), Take(LockMode.Exclusive, byGuest: true));
        Assert.True(_lock.IsFree);

        Assert.Equal(TdxStatus.Success, Take(LockMode.Exclusive));
        _lock.Give(LockMode.Exclusive);
        Assert.Equal(TdxStatus.Success, Take(LockMode.Exclusive, byGuest: true));
    }

    [Fact]
    public void A_guest_that_fails_asks_for_no_priority()
    {
        Take(LockMode.Exclusive);

        Assert.Equal(TdxCode.OperandBusy, Take(LockMode.Exclusive, byGuest: true).Code);
        Assert.False(_lock.HasHostPriority);
    }

    private TdxStatus Take(LockMode mode, bool byGuest = false) => _lock.TryTake(mode, byGuest, TdxOperand.Sept);
}
