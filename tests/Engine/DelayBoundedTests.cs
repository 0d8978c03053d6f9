using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class DelayBoundedTests
{
    private static Model Contended { get; } = new("contended", Build);

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5)]
    public void It_never_leaves_its_base_more_often_than_its_bound_and_often_just_as_often(int bound)
    {
        var known = Calibration.Of(Contended);
        var deviations = new List<int>();
        for (var seed = 0ul; seed < 500; seed++)
        {
            var audit = new Audit(new DelayBounded(seed, known, bound));
            Assert.Null(Toys.Run(audit, Contended.Build).Finding);
            deviations.Add(audit.Deviations);
        }

        Assert.Equal(bound, deviations.Max());
        Assert.True(deviations.Count(count => count == bound) > 100);
    }

    [Fact]
    public void Without_delays_each_task_runs_to_its_end_in_the_order_of_ids()
    {
        var known = Calibration.Of(Contended);
        for (var seed = 0ul; seed < 20; seed++)
        {
            var cell = new Cell("x");
            Toys.Run(new DelayBounded(seed, known, delays: 0), world =>
            {
                world.Add(cell);
                foreach (var name in "abc") world.Toucher(name.ToString(), cell, 2);
            });

            Assert.Equal("aabbcc", cell.Order);
        }
    }

    [Fact]
    public void A_single_delay_comes_at_any_step_with_a_choice()
    {
        var known = Calibration.Of(new("three each", world => ThreeEach(world)));

        var counts = Toys.Tally(3_000, seed => new DelayBounded(seed, known, delays: 1), ThreeEach);

        // Among the five steps at most that have a choice: before each of a's three, or in vain.
        Assert.Equal(["aaabbb", "aabbba", "abbbaa", "bbbaaa"], counts.Keys.Where(order => order != "bbbaaa" || counts[order] > 0));
        Assert.Equal(5, known.Choices);
        ChiSquare.AssertUniform([counts["aabbba"], counts["abbbaa"], counts["bbbaaa"]]);
    }

    private static Func<string> ThreeEach(World world)
    {
        var cell = world.Add(new Cell("x"));
        world.Toucher("a", cell, 3);
        world.Toucher("b", cell, 3);
        return () => cell.Order;
    }

    private static void Build(World world)
    {
        var (one, two) = (world.Add(new Cell("one")), world.Add(new Cell("two")));
        for (var i = 0; i < 4; i++) world.Locker($"t{i}", one, two);
        for (var i = 4; i < 6; i++) world.Toucher($"t{i}", one, 6);
    }

    /// <summary>Compares each choice with the base's, which it works out for itself.</summary>
    private sealed class Audit(Strategy audited) : Strategy(0)
    {
        private int _current;

        internal int Deviations { get; private set; }

        public override Pending Next(EnabledSet enabled)
        {
            var ids = new SortedSet<int>();
            foreach (var pending in enabled) ids.Add(pending.Sender.Id);
            var expected = ids.Contains(_current) ? _current : ids.Where(id => id > _current).Append(ids.Min).First();
            var next = audited.Next(enabled);
            if (next.Sender.Id != expected) Deviations++;
            _current = next.Sender.Id;
            return next;
        }
    }
}
