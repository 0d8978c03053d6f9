using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class TlbEpochsTests
{
    private readonly TlbEpochs _epochs = new();

    [Fact]
    public void With_nobody_inside_one_track_is_enough()
    {
        var blocked = _epochs.Current;
        Assert.False(_epochs.IsTracked(blocked));

        Assert.Equal(TdxStatus.Success, _epochs.Track());

        Assert.True(_epochs.IsTracked(blocked));
    }

    [Fact]
    public void Who_entered_before_the_track_must_exit()
    {
        var blocked = _epochs.Current;
        var entered = _epochs.Enter();
        _epochs.Track();
        Assert.False(_epochs.IsTracked(blocked));

        _epochs.Exit(entered);

        Assert.True(_epochs.IsTracked(blocked));
    }

    [Fact]
    public void Who_enters_after_the_track_does_not_matter()
    {
        var blocked = _epochs.Current;
        _epochs.Track();
        _epochs.Enter();

        Assert.True(_epochs.IsTracked(blocked));
    }

    [Fact]
    public void A_second_track_fails_while_somebody_is_inside_the_epoch_before()
    {
        var entered = _epochs.Enter();
        Assert.Equal(TdxStatus.Success, _epochs.Track());
        Assert.Equal(TdxCode.PreviousTlbEpochBusy, _epochs.Track().Code);
        Assert.Equal(entered + 1, _epochs.Current);

        _epochs.Exit(entered);

        Assert.Equal(TdxStatus.Success, _epochs.Track());
    }

    [Fact]
    public void Two_epochs_later_it_is_tracked_whoever_is_inside()
    {
        var blocked = _epochs.Current;
        _epochs.Track();
        _epochs.Enter();
        _epochs.Track();

        Assert.True(_epochs.IsTracked(blocked));
        Assert.False(_epochs.IsTracked(blocked + 1));
    }
}
