using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class RmpConcurrencyTests
{
    [Fact]
    public void Two_processors_that_update_one_entry_both_succeed_or_one_meets_FAIL_INUSE()
    {
        var outcomes = Race(
            new(),
            (current, rmp) => RmpInstructions.Rmpupdate(current, rmp, RmpLab.At(3), RmpState.Private(new(5), RmpLab.GuestAt(3))),
            (current, rmp) => RmpInstructions.Rmpupdate(current, rmp, RmpLab.At(3), RmpState.Private(new(6), RmpLab.GuestAt(3))));

        Assert.Equal(["FailInuse Success", "Success FailInuse", "Success Success"], outcomes);
    }

    [Theory]
    [InlineData(true, new[] { "FailOverlap Success", "Success FailOverlap", "Success Success" })]
    [InlineData(false, new[] { "Success Success" })]
    public void Two_processors_that_update_neighbours_meet_a_transient_FAIL_OVERLAP_if_the_machine_has_it(bool transient, string[] expected)
    {
        var outcomes = Race(
            new() { TransientOverlap = transient },
            (current, rmp) => RmpInstructions.Rmpupdate(current, rmp, RmpLab.At(3), RmpState.Private(new(5), RmpLab.GuestAt(3))),
            (current, rmp) => RmpInstructions.Rmpupdate(current, rmp, RmpLab.At(4), RmpState.Private(new(5), RmpLab.GuestAt(4))));

        Assert.Equal(expected, outcomes);
    }

    [Fact]
    public void Neighbours_in_different_2M_regions_do_not_meet()
    {
        var outcomes = Race(
            new(),
            (current, rmp) => RmpInstructions.Rmpupdate(current, rmp, RmpLab.At(511), RmpState.Private(new(5), RmpLab.GuestAt(511))),
            (current, rmp) => RmpInstructions.Rmpupdate(current, rmp, RmpLab.At(512), RmpState.Private(new(5), RmpLab.GuestAt(512))));

        Assert.Equal(["Success Success"], outcomes);
    }

    [Fact]
    public void A_psmash_against_a_2M_update_meets_FAIL_INUSE_or_comes_before_or_after()
    {
        var outcomes = Race(
            new(),
            (current, rmp) => RmpInstructions.Psmash(current, rmp, RmpLab.At(0)),
            (current, rmp) => RmpInstructions.Rmpupdate(current, rmp, RmpLab.At(0), RmpState.Private(new(5), RmpLab.GuestAt(0), PageLevel.Level2M)));

        Assert.Equal(["FailInuse Success", "FailUnsuitable FailInuse", "FailUnsuitable Success", "Success Success"], outcomes);
    }

    [Fact]
    public void A_private_access_meets_a_spurious_fault_while_the_entry_is_edited_and_succeeds_when_repeated()
    {
        var spurious = 0;
        Lab.Explore(300, world =>
        {
            var rmp = world.Add(new Rmp("rmp", RmpLab.Base, 512));
            var access = new RmpAccess
            {
                Pfn = RmpLab.At(3),
                Gfn = RmpLab.GuestAt(3),
                Level = PageLevel.Level4K,
                By = Accessor.SnpGuest,
                Encrypted = true,
                Context = RmpLab.Vmpl0,
            };
            world.Spawn("guest", Guest);

            async Path Guest(KernelTask current)
            {
                await RmpInstructions.Rmpupdate(current, rmp, RmpLab.At(3), RmpState.Private(RmpLab.Guest, RmpLab.GuestAt(3)));
                await RmpInstructions.Pvalidate(current, rmp, RmpLab.At(3), RmpLab.GuestAt(3), RmpLab.Vmpl0, PageLevel.Level4K, validate: true);
                current.Spawn("adjuster", Adjuster);
                while (await current.Ask(rmp, new CheckRmp(access)) is { IsFault: true } fault)
                {
                    Assert.Equal(FaultKind.NestedPageFault, fault.Kind);
                    spurious++;
                    current.Retry("rmp fault");
                }
            }

            async Path Adjuster(KernelTask current)
            {
                var outcome = await RmpInstructions.Rmpadjust(
                    current, rmp, RmpLab.At(3), RmpLab.GuestAt(3), RmpLab.Vmpl0, PageLevel.Level4K, Vmpl.L1, VmplPermissions.Read);
                Assert.Equal(RmpResult.Success, outcome.Code);
            }
        });

        Assert.InRange(spurious, 50, 3000);
    }

    [Fact]
    public void Many_processors_that_repeat_on_every_refusal_leave_a_consistent_table() => Lab.Explore(200, world =>
    {
        var rmp = world.Add(new Rmp("rmp", RmpLab.Base, 512));
        for (var i = 0u; i < 4; i++)
        {
            var page = i;
            world.Spawn($"cpu{i}", current => AssignAndShare(current, rmp, page));
        }

        world.Always("the table is consistent", rmp.Inconsistency, rmp);
        world.Finally("nothing is assigned", () => rmp.SubpageCountOf(RmpLab.At(0)) == 0 && rmp.EditCount == 0 ? null : "left over");

        static async Path AssignAndShare(KernelTask current, Rmp rmp, uint page)
        {
            await Update(current, rmp, page, RmpState.Private(RmpLab.Guest, RmpLab.GuestAt(page)));
            await Update(current, rmp, page, RmpState.Shared);
        }

        static async Path Update(KernelTask current, Rmp rmp, uint page, RmpState state)
        {
            while (await RmpInstructions.Rmpupdate(current, rmp, RmpLab.At(page), state) is not RmpResult.Success)
            {
                current.Retry("FAIL_OVERLAP");
            }
        }
    });

    private static SortedSet<string> Race(
        MachineOptions options, Func<KernelTask, Rmp, Path<RmpResult>> first, Func<KernelTask, Rmp, Path<RmpResult>> second)
    {
        var outcomes = new SortedSet<string>(StringComparer.Ordinal);
        Lab.Explore(300, world =>
        {
            var rmp = world.Add(new Rmp("rmp", RmpLab.Base, 1024, options));
            var results = new RmpResult[2];
            world.Spawn("cpu0", current => Body(current, 0, first));
            world.Spawn("cpu1", current => Body(current, 1, second));
            world.Always("the table is consistent", rmp.Inconsistency, rmp);
            world.Finally("noted", () =>
            {
                outcomes.Add($"{results[0]} {results[1]}");
                return null;
            });

            async Path Body(KernelTask current, int index, Func<KernelTask, Rmp, Path<RmpResult>> instruction) =>
                results[index] = await instruction(current, rmp);
        });
        return outcomes;
    }
}
