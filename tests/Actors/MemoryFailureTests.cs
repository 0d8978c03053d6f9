using GmemActors.Actors;
using GmemActors.Actors.Paths;

namespace GmemActors.Tests.Actors;

public class MemoryFailureTests
{
    [Fact]
    public void Vector_30_a_guest_that_reads_a_page_whose_memory_failed_gets_EHWPOISON()
    {
        var lab = Failing(out var machine);
        lab.Touch(Lab.First);

        Assert.Equal(Errno.EBUSY, lab.Call(current => MemoryFailure.Handle(current, machine, lab.Inode, new(0))));

        Assert.Null(lab.Vm.Maps(Lab.First));
        Assert.Equal(Errno.EHWPOISON, lab.Touch(Lab.First));
        Assert.Equal(Errno.None, lab.Touch(Lab.First + 1));
    }

    [Fact]
    public void Its_frame_is_never_used_again()
    {
        var lab = Failing(out var machine);
        lab.Touch(Lab.First);
        var pfn = lab.Vm.Maps(Lab.First);
        lab.Call(current => MemoryFailure.Handle(current, machine, lab.Inode, new(0)));

        Assert.Equal(Errno.None, lab.Punch(0, Lab.Page));
        Assert.Equal(Errno.None, lab.Touch(Lab.First));

        Assert.NotEqual(pfn, lab.Vm.Maps(Lab.First));
        Assert.Same(lab.Inode, lab.Memory.OwnerOf(pfn!.Value));
    }

    [Fact]
    public void A_page_that_is_not_there_cannot_fail_and_one_that_failed_fails_once()
    {
        var lab = Failing(out var machine);

        Assert.Equal(Errno.ENXIO, lab.Call(current => MemoryFailure.Handle(current, machine, lab.Inode, new(0))));
        lab.Touch(Lab.First);
        lab.Call(current => MemoryFailure.Handle(current, machine, lab.Inode, new(0)));
        Assert.Equal(Errno.ENXIO, lab.Call(current => MemoryFailure.Handle(current, machine, lab.Inode, new(0))));
    }

    private static Lab Failing(out Machine machine)
    {
        var lab = new Lab(memoryFails: true);
        machine = lab.Vm.Machine;
        lab.Vm.AddMemslot(0, Lab.First, lab.File, PageRange.Of(0, 2));
        return lab;
    }
}
