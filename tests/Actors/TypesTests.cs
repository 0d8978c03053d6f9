using GmemActors.Actors;
using GmemActors.Hardware;

namespace GmemActors.Tests.Actors;

public class TypesTests
{
    [Fact]
    public void Numbers_print_in_hex()
    {
        Assert.Equal("0x64", new Gfn(100).ToString());
        Assert.Equal("0x64", new Pgoff(100).ToString());
        Assert.Equal("0x64", new Pfn(100).ToString());
    }

    [Fact]
    public void Ranges_are_half_open()
    {
        var range = new GfnRange(new(100), new(104));

        Assert.Equal("[0x64, 0x68)", range.ToString());
        Assert.Equal("[0x64, 0x68)", PageRange.Of(100, 4).ToString());
        Assert.True(range.Contains(new(103)));
        Assert.False(range.Contains(new(104)));
        Assert.False(range.Overlaps(new(new(104), new(105))));
        Assert.True(range.Overlaps(new(new(103), new(105))));
    }

    [Fact]
    public void Errors_print_as_the_kernel_returns_them()
    {
        Assert.Equal("-EAGAIN", Errno.EAGAIN.Text());
        Assert.Equal("0", Errno.None.Text());
        Assert.Equal("-EFAULT", new Result<Gfn>(default, Errno.EFAULT).ToString());
    }

    [Fact]
    public void Messages_print_as_the_kernel_spells_them()
    {
        Assert.Equal("kvm_mmu_lock(shared)", KvmMmuLock.Shared.ToString());
        Assert.Equal("kvm_mmu_invalidate_range_add([0x64, 0x68))", new KvmMmuInvalidateRangeAdd(new(new(100), new(104))).ToString());
        var map = new TryCmpxchgSpte(
            Lab.Bound().Vcpu, new(100), PageLevel.Level4K, Spte.None, Spte.Leaf(new(0x1000), isPrivate: true));
        Assert.Equal("try_cmpxchg_spte(vm0:vcpu0, 0x64, Level4K, none, 0x1000)", map.ToString());
    }

    [Fact]
    public void Folios_print_what_they_are()
    {
        Assert.Equal("0x1000 at 0x1", new FoundFolio(new(0x1000), new(1)).ToString());
        Assert.Equal("cached, uptodate", new FolioState(true, true).ToString());
        Assert.Equal("truncated", new FolioState(false, false).ToString());
    }

    [Fact]
    public void The_frames_of_a_memslot_are_those_whose_pages_are_in_the_range()
    {
        var slot = new Memslot(0, 0, new(new(100), new(104)), KvmMem.GuestMemfd, new(8), 0);

        Assert.Equal(new GfnRange(new(100), new(104)), slot.Frames(PageRange.All));
        Assert.Equal(new GfnRange(new(101), new(103)), slot.Frames(PageRange.Of(9, 2)));
        Assert.Equal(new GfnRange(new(103), new(104)), slot.Frames(PageRange.Of(11, 9)));
        Assert.Equal(new Pgoff(9), slot.IndexOf(new(101)));
    }
}
