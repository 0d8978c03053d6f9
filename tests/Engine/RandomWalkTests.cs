using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class RandomWalkTests
{
    [Fact]
    public void Each_message_is_as_likely_as_any_other()
    {
        var counts = Toys.Tally(10_000, seed => new RandomWalk(seed), world =>
        {
            var cell = world.Add(new Cell("x"));
            foreach (var name in "abcd") world.Toucher(name.ToString(), cell, 1);
            return () => cell.Order;
        });

        Assert.Equal(24, counts.Count);
        ChiSquare.AssertUniform(counts.Values);
    }

    [Fact]
    public void It_is_uniform_over_messages_wherever_they_wait()
    {
        var counts = Toys.Tally(6_000, seed => new RandomWalk(seed), world =>
        {
            var (one, two, log) = (world.Add(new Cell("one")), world.Add(new Cell("two")), world.Add(new Cell("log")));
            world.Spawn("a", current => LockAndTouch(current, one, log));
            world.Spawn("b", current => LockAndTouch(current, one, log));
            world.Toucher("c", log, 1);
            return () => log.Order[..1];

            static async Path LockAndTouch(KernelTask current, Cell lockOwner, Cell log)
            {
                await current.Ask(lockOwner, new Take());
                await current.Ask(log, new Touch());
                await current.Ask(lockOwner, new Drop());
            }
        });

        // c is first in the first step, or in the second: 1/3 + 2/3 · 1/2, as only one of a and b has the lock.
        ChiSquare.AssertShares(counts.Values, [1, 1, 4]);
    }

    [Fact]
    public void Messages_of_one_sender_to_several_actors_come_in_any_order()
    {
        var counts = Toys.Tally(4_000, seed => new RandomWalk(seed), world =>
        {
            var cells = "xyz".Select(name => world.Add(new Cell(name.ToString()))).ToList();
            var first = "";
            foreach (var cell in cells) world.Always($"{cell.Name} is told", () => Note(cell), cell);
            world.Spawn("a", current =>
            {
                foreach (var cell in cells) current.Tell(cell, new Touch());
                return default;
            });
            return () => first;

            bool Note(Cell cell)
            {
                if (first.Length == 0 && cell.Log.Count > 0) first = cell.Name;
                return true;
            }
        });

        Assert.Equal(3, counts.Count);
        ChiSquare.AssertUniform(counts.Values);
    }
}
