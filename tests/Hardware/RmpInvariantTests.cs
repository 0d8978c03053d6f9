using FsCheck;
using FsCheck.Fluent;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

public class RmpInvariantTests
{
    private static readonly uint[] Pages = [0, 1, 2, 511, 512, 513, 1023];

    [Fact]
    public void No_sequence_of_instructions_puts_an_assigned_4K_entry_inside_a_2M_one_or_miscounts()
    {
        var lab = new RmpLab();
        var prng = new Prng(42);
        for (var i = 0; i < 20_000; i++)
        {
            Execute(lab, (uint)prng.Next());

            Assert.Null(lab.Rmp.Inconsistency());
            if (i % 16 == 0) Assert.Null(Miscount(lab.Rmp));
        }
    }

    [Fact]
    public void Nor_does_any_short_sequence_from_the_empty_table() =>
        FsCheck.Check.One(
            Config.QuickThrowOnFailure.WithMaxTest(400).WithReplay(new FsCheck.Replay(new Rnd(42, 43), null)),
            Prop.ForAll(ArbMap.Default.ArbFor<uint[]>(), operations =>
            {
                var lab = new RmpLab();
                foreach (var operation in operations) Execute(lab, operation * 2654435761);
                return lab.Rmp.Inconsistency() is null && Miscount(lab.Rmp) is null;
            }));

    [Fact]
    public void Every_state_of_one_2M_region_that_two_of_its_pages_can_reach_is_consistent()
    {
        var operations = SmallOperations();
        var seen = new SortedSet<string>(StringComparer.Ordinal);
        var front = new Queue<int[]>([[]]);
        while (front.TryDequeue(out var path))
        {
            var lab = new RmpLab();
            foreach (var operation in path) operations[operation](lab);
            Assert.Null(lab.Rmp.Inconsistency());
            Assert.Null(Miscount(lab.Rmp));
            if (!seen.Add(Describe(lab.Rmp))) continue;
            for (var next = 0; next < operations.Length; next++) front.Enqueue([.. path, next]);
        }

        Assert.Equal(ReachableStates, seen.Count);
    }

    // An exact count: a change of the model must change it.
    private const int ReachableStates = 30;

    private static Action<RmpLab>[] SmallOperations() =>
    [
        lab => lab.Assign(0),
        lab => lab.Assign(1),
        lab => lab.Assign(0, immutable: true),
        lab => lab.Share(0),
        lab => lab.Share(1),
        lab => lab.Assign(0, PageLevel.Level2M),
        lab => lab.Share(0, PageLevel.Level2M),
        lab => lab.Smash(0),
        lab => lab.Validate(0),
        lab => lab.Validate(1, validate: false),
        lab => lab.Validate(0, level: PageLevel.Level2M),
        lab => lab.Ask(new SnpPageReclaim(RmpLab.At(0))),
    ];

    private static string Describe(Rmp rmp) =>
        $"{string.Join(" | ", new uint[] { 0, 1, 2 }.Select(page => rmp.StateOf(RmpLab.At(page))))} | {rmp.SubpageCountOf(RmpLab.At(0))}";

    private static void Execute(RmpLab lab, uint operation)
    {
        var page = Pages[operation % (uint)Pages.Length];
        var level = (operation >> 3) % 3 == 0 ? PageLevel.Level2M : PageLevel.Level4K;
        var flag = (operation >> 5) % 2 == 0;
        if (level == PageLevel.Level2M) page &= ~511u;
        switch ((operation >> 8) % 8)
        {
            case 0 or 1:
                lab.Assign(page, level, immutable: (operation >> 6) % 8 == 0, to: flag ? new(6) : null);
                break;
            case 2 or 3:
                lab.Share(page, level);
                break;
            case 4:
                lab.Smash(page & ~511u);
                break;
            case 5:
                lab.Validate(page, flag, level);
                break;
            case 6:
                lab.Adjust(page, Vmpl.L1, VmplPermissions.Read, vmsa: flag, level: level);
                break;
            default:
                lab.Ask(new SnpPageReclaim(RmpLab.At(page)));
                break;
        }
    }

    // From what the table says of each page, not from how it counts.
    private static string? Miscount(Rmp rmp)
    {
        for (var region = 0u; region < 4 * 512; region += 512)
        {
            var (small, large) = (0, 0);
            for (var i = 0u; i < 512; i++)
            {
                var state = rmp.StateOf(RmpLab.At(region + i));
                if (!state.Assigned) continue;
                if (state.Level == PageLevel.Level2M) large++;
                else small++;
            }

            if (large is not (0 or 512) || (large == 512 && small > 0)) return $"{region}: {large} pages at 2M, {small} at 4K";
            var counted = rmp.SubpageCountOf(RmpLab.At(region));
            if (counted != small) return $"{region}: {small} pages, counted {counted}";
        }

        return null;
    }
}
