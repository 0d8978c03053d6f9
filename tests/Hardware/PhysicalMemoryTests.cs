using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class PhysicalMemoryTests
{
    private readonly World _world = new(new RandomWalk(0));
    private readonly PhysicalMemory _memory;

    public PhysicalMemoryTests() => _memory = _world.Add(new PhysicalMemory("memory", 2));

    [Fact]
    public void A_frame_has_an_owner_until_it_is_freed()
    {
        Run(async current =>
        {
            var pfn = (await current.Ask(_memory, new AllocPage(_memory)))!.Value;
            Assert.Same(_memory, _memory.OwnerOf(pfn));

            await current.Ask(_memory, new FreePage(pfn));
            Assert.Null(_memory.OwnerOf(pfn));
        });

        Assert.Equal(2, _memory.FreeCount);
    }

    [Fact]
    public void When_all_frames_are_taken_there_is_none()
    {
        Run(async current =>
        {
            Assert.NotNull(await current.Ask(_memory, new AllocPage(_memory)));
            Assert.NotNull(await current.Ask(_memory, new AllocPage(_memory)));
            Assert.Null(await current.Ask(_memory, new AllocPage(_memory)));
        });
    }

    [Fact]
    public void The_frame_that_was_freed_last_is_allocated_first()
    {
        Run(async current =>
        {
            var first = await current.Ask(_memory, new AllocPage(_memory));
            await current.Ask(_memory, new AllocPage(_memory));
            await current.Ask(_memory, new FreePage(first!.Value));

            Assert.Equal(first, await current.Ask(_memory, new AllocPage(_memory)));
        });
    }

    [Fact]
    public void A_guest_that_gets_a_frame_uncleared_reads_what_the_last_one_wrote()
    {
        Run(current => UseTwice(current, clear: false));

        Assert.Contains("what an earlier owner left", _memory.Misuse);
    }

    [Fact]
    public void A_guest_that_gets_a_frame_cleared_reads_zero()
    {
        Run(current => UseTwice(current, clear: true));

        Assert.Null(_memory.Misuse);
    }

    [Fact]
    public void A_guest_that_uses_a_frame_after_it_was_freed_is_noticed()
    {
        Run(async current =>
        {
            var pfn = (await current.Ask(_memory, new AllocPage(_memory)))!.Value;
            await current.Ask(_memory, new FreePage(pfn));
            await current.Ask(_memory, new GuestAccess(pfn));
        });

        Assert.Contains("is free", _memory.Misuse);
    }

    [Fact]
    public void A_frame_that_is_freed_twice_is_noticed()
    {
        Run(async current =>
        {
            var pfn = (await current.Ask(_memory, new AllocPage(_memory)))!.Value;
            await current.Ask(_memory, new FreePage(pfn));
            await current.Ask(_memory, new FreePage(pfn));
        });

        Assert.Contains("freed twice", _memory.Misuse);
        Assert.Equal(2, _memory.FreeCount);
    }

    private void Run(Func<KernelTask, Path> body)
    {
        _world.Spawn("call", body);
        Assert.Null(_world.Run());
    }

    private async Path UseTwice(KernelTask current, bool clear)
    {
        for (var life = 0; life < 2; life++)
        {
            var pfn = (await current.Ask(_memory, new AllocPage(_memory)))!.Value;
            if (clear) await current.Ask(_memory, new ClearPage(pfn));
            await current.Ask(_memory, new GuestAccess(pfn));
            await current.Ask(_memory, new FreePage(pfn));
        }
    }
}
