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
            (current, rmp) => Assign(current, rmp, 3, 5),
            (current, rmp) => Assign(current, rmp, 3, 6));

        Assert.Equal(["FailInuse Success", "Success FailInuse", "Success Success"], outcomes);
    }

    [Theory]
    [InlineData(true, new[] { "FailOverlap Success", "Success FailOverlap", "Success Success" })]
    [InlineData(false, new[] { "Success Success" })]
    public void Two_processors_that_update_neighbours_meet_a_transient_FAIL_OVERLAP_if_the_machine_has_it(
        bool transient, string[] expected)
    {
        var outcomes = Race(
            new() { TransientOverlap = transient },
            (current, rmp) => Assign(current, rmp, 3, 5),
            (current, rmp) => Assign(current, rmp, 4, 5));

        Assert.Equal(expected, outcomes);
    }

    [Fact]
    public void Only_an_update_of_a_neighbour_sets_the_count_in_motion()
    {
        var outcomes = Race(
            new(),
            (current, rmp) => Assign(current, rmp, 3, 5),
            Validate,
            before: (current, rmp) => Assign(current, rmp, 4, 5));

        Assert.Equal(["Success Success"], outcomes);

        static async Path<RmpResult> Validate(KernelTask current, Rmp rmp)
        {
            var outcome = await RmpInstructions.Pvalidate(
                current, rmp, RmpLab.At(4), RmpLab.GuestAt(4), RmpLab.Vmpl0, PageLevel.Level4K, validate: true);
            Assert.Equal(Fault.None, outcome.Fault);
            return outcome.Code;
        }
    }

    [Fact]
    public void Neighbours_in_different_2M_regions_do_not_meet()
    {
        var outcomes = Race(
            new(),
            (current, rmp) => Assign(current, rmp, 511, 5),
            (current, rmp) => Assign(current, rmp, 512, 5));

        Assert.Equal(["Success Success"], outcomes);
    }

    [Fact]
    public void A_psmash_against_a_2M_update_meets_FAIL_INUSE_or_comes_before_or_after()
    {
        var outcomes = Race(
            new(),
            (current, rmp) => RmpInstructions.Psmash(current, rmp, RmpLab.At(0)),
            (current, rmp) => Assign(current, rmp, 0, 5, PageLevel.Level2M));

        Assert.Equal(["FailInuse Success", "FailUnsuitable FailInuse", "FailUnsuitable Success", "Success Success"], outcomes);
    }

    [Fact]
    public void A_psmash_against_a_4K_update_of_a_page_inside_locks_the_whole_2M()
    {
        var outcomes = Race(
            new(),
            (current, rmp) => RmpInstructions.Psmash(current, rmp, RmpLab.At(0)),
            (current, rmp) => RmpInstructions.Rmpupdate(current, rmp, RmpLab.At(9), RmpState.Shared),
            before: (current, rmp) => Assign(current, rmp, 0, 5, PageLevel.Level2M));

        Assert.Equal(["FailInuse FailOverlap", "Success FailInuse", "Success FailOverlap", "Success Success"], outcomes);
    }

    [Fact]
    public void A_4K_update_keeps_a_2M_update_around_it_out()
    {
        var outcomes = Race(
            new(),
            (current, rmp) => Assign(current, rmp, 9, 5),
            (current, rmp) => Assign(current, rmp, 0, 5, PageLevel.Level2M));

        Assert.Equal(["FailInuse Success", "FailOverlap Success", "Success FailInuse", "Success FailOverlap"], outcomes);
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
                await Assign(current, rmp, 3, RmpLab.Guest.Value);
                await RmpInstructions.Pvalidate(
                    current, rmp, RmpLab.At(3), RmpLab.GuestAt(3), RmpLab.Vmpl0, PageLevel.Level4K, validate: true);
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
        world.Finally(
            "nothing is assigned and no entry locked",
            () => rmp.SubpageCountOf(RmpLab.At(0)) + rmp.EditCount == 0 ? null : "left over");

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

    private static Path<RmpResult> Assign(
        KernelTask current, Rmp rmp, uint page, ushort asid, PageLevel level = PageLevel.Level4K) =>
        RmpInstructions.Rmpupdate(current, rmp, RmpLab.At(page), RmpState.Private(new(asid), RmpLab.GuestAt(page), level));

    private static SortedSet<string> Race(
        MachineOptions options,
        Func<KernelTask, Rmp, Path<RmpResult>> first,
        Func<KernelTask, Rmp, Path<RmpResult>> second,
        Func<KernelTask, Rmp, Path<RmpResult>>? before = null)
    {
        var outcomes = new SortedSet<string>(StringComparer.Ordinal);
        Lab.Explore(300, world =>
        {
            var rmp = world.Add(new Rmp("rmp", RmpLab.Base, 1024, options));
            var results = new RmpResult[2];
            world.Spawn("start", Start);
            world.Always("the table is consistent", rmp.Inconsistency, rmp);
            world.Finally("noted", () =>
            {
                outcomes.Add($"{results[0]} {results[1]}");
                return null;
            });

            async Path Start(KernelTask current)
            {
                if (before is not null) Assert.Equal(RmpResult.Success, await before(current, rmp));
                current.Spawn("cpu0", task => Body(task, 0, first));
                current.Spawn("cpu1", task => Body(task, 1, second));
            }

            async Path Body(KernelTask current, int index, Func<KernelTask, Rmp, Path<RmpResult>> instruction) =>
                results[index] = await instruction(current, rmp);
        });
        return outcomes;
    }
}
