using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Actors;

public class SnpPscTests
{
    private static readonly Gfn Gfn = SnpLab.First;

    public static TheoryData<string> Kernels => ["6.12", "7.2"];

    [Theory]
    [MemberData(nameof(Kernels))]
    public void Entries_that_follow_one_another_are_done_in_one_exit(string kernel)
    {
        var lab = new SnpLab(KernelVersion.Find(kernel));
        var run = Psc(lab, new(Gfn, PscOperation.Shared), new(Gfn + 1, PscOperation.Shared), new(Gfn + 3, PscOperation.Shared));

        Assert.Equal((ExitReason.Hypercall, GfnRange.Of(Gfn, 2), false), (run.ExitReason, run.Range, run.IsPrivate));
        lab.Run(run);
        Assert.Equal((ExitReason.Hypercall, GfnRange.Of(Gfn + 3, 1)), (run.ExitReason, run.Range));
        lab.Run(run);

        Assert.Equal(ExitReason.Hlt, run.ExitReason);
        Assert.Equal(0ul, lab.Results.Single().Psc);
    }

    [Fact]
    public void What_is_left_of_a_large_page_is_done_as_small_pages()
    {
        var lab = new SnpLab();
        var run = Psc(lab, new PscEntry(new(0x200), PscOperation.Private, isLarge: true, curPage: 510));

        Assert.Equal(GfnRange.Of(new(0x3FE), 2), run.Range);
    }

    [Fact]
    public void A_large_page_is_one_request()
    {
        var lab = new SnpLab();
        var run = Psc(lab, new PscEntry(new(0x200), PscOperation.Private, isLarge: true), new(new(0x400), PscOperation.Private));

        Assert.Equal(GfnRange.Of(new(0x200), 512), run.Range);
    }

    [Fact]
    public void Hints_and_entries_that_are_done_need_no_exit()
    {
        var lab = new SnpLab();
        var run = Psc(lab, new(Gfn, PscOperation.Unsmash), new(Gfn, PscOperation.Psmash), new PscEntry(Gfn, PscOperation.Shared, curPage: 1));

        Assert.Equal(ExitReason.Hlt, run.ExitReason);
        Assert.Equal(0ul, lab.Results.Single().Psc);
    }

    [Theory]
    [InlineData(0x201ul, true, 0)]
    [InlineData(0x200ul, true, 513)]
    [InlineData(0x200ul, false, 2)]
    public void An_entry_that_cannot_be_is_invalid(ulong gfn, bool isLarge, int curPage)
    {
        var lab = new SnpLab();

        Psc(lab, new PscEntry(new(gfn), PscOperation.Private, isLarge, curPage));

        Assert.Equal(PscError.InvalidEntry, lab.Results.Single().Psc);
    }

    [Fact]
    public void A_buffer_that_ends_behind_its_end_is_an_invalid_header()
    {
        var lab = new SnpLab(pscEntries: 2);

        lab.Run(new GuestPsc([new(Gfn, PscOperation.Shared)], EndEntry: 2));

        Assert.Equal(PscError.InvalidHdr, lab.Results.Single().Psc);
    }

    [Fact]
    public void What_user_space_refuses_the_guest_is_told()
    {
        var lab = new SnpLab();
        var run = Psc(lab, new PscEntry(Gfn, PscOperation.Shared));

        run.HypercallRet = (ulong)Errno.EINVAL;
        lab.Run(run);

        Assert.Equal(PscError.Generic, lab.Results.Single().Psc);
    }

    [Theory]
    [InlineData("6.12", Errno.None)]
    [InlineData("7.2", Errno.EINVAL)]
    public void An_answer_that_cannot_be_ends_kvm_run_in_7_2(string kernel, Errno expected)
    {
        var lab = new SnpLab(KernelVersion.Find(kernel));
        var run = Psc(lab, new PscEntry(Gfn, PscOperation.Shared));

        run.HypercallRet = (ulong)Errno.ENOMEM;

        Assert.Equal(expected, lab.Run(run).Errno);
    }

    [Theory]
    [InlineData(PscOperation.Psmash, PscError.Msr)]
    [InlineData(PscOperation.None, PscError.Msr)]
    public void The_msr_knows_two_operations(PscOperation operation, ulong expected)
    {
        var lab = new SnpLab();

        lab.Run(new GuestPscMsr(Gfn, operation));

        Assert.Equal(expected, lab.Results.Single().Psc);
    }

    // The guest moves the end of its buffer while user space has the first batch: 6.12 reads the header again, 7.2 does not.
    [Theory]
    [InlineData("6.12", ExitReason.Hypercall)]
    [InlineData("7.2", ExitReason.Hlt)]
    public void The_header_is_read_once_in_7_2(string kernel, ExitReason expected)
    {
        var lab = new SnpLab(KernelVersion.Find(kernel));
        var run = new KvmRun([new GuestPsc([new(Gfn, PscOperation.Shared), new(Gfn + 3, PscOperation.Shared)], EndEntry: 0)]);
        lab.Run(run);

        lab.Call<Done>(MoveEnd);
        lab.Run(run);

        Assert.Equal(expected, run.ExitReason);

        async Path<Done> MoveEnd(KernelTask current) => await current.Ask(lab.Vcpu.Ghcb!, new WritePscHeader(new(0, 1)));
    }

    private static KvmRun Psc(SnpLab lab, params PscEntry[] entries) => lab.Run(new GuestPsc(entries)).Run;
}
