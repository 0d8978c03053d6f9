using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Actors;

/// <summary>A reference that is given back twice is named as what it is, and so is the use of what is gone.</summary>
public class RefcountTests
{
    private readonly Lab _lab = Lab.Bound();

    [Fact]
    public void A_folio_that_is_put_once_too_often_is_a_bad_page_in_the_page_cache()
    {
        _lab.Fallocate(FallocMode.KeepSize, 0, Lab.Page);
        var pfn = _lab.Inode.Folios[0].Pfn;

        IsBug("Bad page state: a folio is freed that is in the page cache", current => Swap.FolioPut(current, _lab.Inode, pfn));
    }

    [Fact]
    public void A_folio_that_is_put_after_it_is_gone_underflows() => IsBug(
        "refcount_t: underflow; use-after-free in folio_put",
        async current =>
        {
            var pfn = await current.Ask(_lab.Memory, new AllocPage(_lab.Inode));
            await current.Ask(_lab.Inode, new FilemapAllocFolio(pfn!.Value));
            await Swap.FolioPut(current, _lab.Inode, pfn.Value);
            await Swap.FolioPut(current, _lab.Inode, pfn.Value);
        });

    [Fact]
    public void A_folio_that_is_locked_after_it_is_gone_is_a_use_after_free() =>
        IsBug("KASAN: use-after-free of a folio", async current => await current.Ask(_lab.Inode, new FolioLock(new(0x1234))));

    [Fact]
    public void A_folio_that_is_freed_while_it_is_locked_is_a_bad_page() => IsBug(
        "Bad page state: a folio is freed that is locked",
        async current =>
        {
            var pfn = await current.Ask(_lab.Memory, new AllocPage(_lab.Inode));
            await current.Ask(_lab.Inode, new FilemapAllocFolio(pfn!.Value));
            await current.Ask(_lab.Inode, new FolioLock(pfn.Value));
            await Swap.FolioPut(current, _lab.Inode, pfn.Value);
        });

    [Fact]
    public void A_file_that_is_put_once_too_often_is_warned_of()
    {
        var finding = _lab.Find(async current =>
        {
            await current.Ask(_lab.File, Fput.Now);
            await current.Ask(_lab.File, Fput.Now);
        });

        Assert.Contains(finding!.Warnings.Append(finding), warning => warning.Cause == "imbalanced put on file reference count");
    }

    [Fact]
    public void A_page_of_the_user_that_is_put_after_it_is_gone_underflows() => IsBug(
        "refcount_t: underflow; use-after-free in put_page",
        async current => await current.Ask(_lab.Mm, new PutPage(new(0x1234))));

    private void IsBug(string text, Func<KernelTask, Path> path) => Assert.Equal(text, Assert.IsType<KernelBug>(_lab.Find(path)).Text);
}
