using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class CalibrationTests
{
    [Fact]
    public void It_counts_choices_steps_and_messages()
    {
        var known = Calibration.Of(new("chains", world =>
        {
            var (x, y) = (world.Add(new Cell("x")), world.Add(new Cell("y")));
            world.Toucher("a", x, 2);
            world.Spawn("b", async current =>
            {
                for (var i = 0; i < 3; i++) await current.Ask(x, new Touch());
                await current.Ask(y, new Touch());
            });
        }));

        Assert.Equal(2, known.TaskCount);
        Assert.Equal([2, 4, 0], [known.StepsOf(0), known.StepsOf(1), known.StepsOf(2)]);
        Assert.Equal([2, 3, 0, 1], [known.MessagesOf(0, 0), known.MessagesOf(1, 0), known.MessagesOf(0, 1), known.MessagesOf(1, 1)]);
        Assert.Equal([0, 0], [known.MessagesOf(0, 7), known.MessagesOf(0, -1)]);
        Assert.Equal([0], known.ContestedActors);
        Assert.InRange(known.Choices, 3, 5);
        Assert.Equal(known.Choices, known.TaskChoices);
    }

    [Fact]
    public void Several_messages_of_one_task_are_a_choice_but_not_among_tasks()
    {
        var known = Calibration.Of(new("told", world =>
        {
            var (x, y) = (world.Add(new Cell("x")), world.Add(new Cell("y")));
            world.Spawn("a", async current =>
            {
                current.Tell(x, new Touch());
                await current.Ask(y, new Touch());
            });
        }));

        Assert.Equal(1, known.Choices);
        Assert.Equal(1, known.TaskChoices);
        Assert.Equal(1, known.MessagesOf(0, 0));
    }

    [Fact]
    public void It_is_a_pure_function_of_the_model()
    {
        var model = new Model("busy", Busy.Build);
        var (one, again) = (Calibration.Of(model), Calibration.Of(model));

        Assert.Equal(Numbers(one), Numbers(again));

        static IEnumerable<int> Numbers(Calibration known) =>
            from task in Enumerable.Range(0, known.TaskCount)
            from actor in Enumerable.Range(0, 3)
            from number in new[] { known.Choices, known.TaskChoices, known.StepsOf(task), known.MessagesOf(task, actor) }
            select number;
    }

    [Fact]
    public void Walks_that_end_in_a_finding_count_for_as_far_as_they_came()
    {
        var known = Calibration.Of(new("broken", world =>
        {
            var cell = world.Add(new Cell("x"));
            world.Toucher("a", cell, 10);
            world.Toucher("b", cell, 10);
            world.Always("at most three touches", () => cell.Log.Count <= 3, cell);
        }));

        Assert.Equal(4, known.Choices);
        Assert.Equal([0], known.ContestedActors);
    }

    [Fact]
    public void A_model_that_is_broken_from_the_start_or_empty_has_nothing_to_count()
    {
        var broken = Calibration.Of(new("broken", world => world.Always("never", () => false)));
        var empty = Calibration.Of(new("empty", _ => { }));

        Assert.Equal([1, 1, 0], [broken.Choices, broken.TaskChoices, broken.TaskCount]);
        Assert.Equal([1, 1, 0], [empty.Choices, empty.TaskChoices, empty.TaskCount]);
    }

    [Fact]
    public void A_thousand_tasks_are_no_trouble_to_it_nor_to_any_strategy()
    {
        var model = new Model("crowd", world =>
        {
            var cells = Enumerable.Range(0, 10).Select(i => world.Add(new Cell($"x{i}"))).ToList();
            for (var i = 0; i < 1000; i++) world.Locker($"t{i}", cells[i % 10]);
        });

        var known = Calibration.Of(model);

        Assert.Equal(1000, known.TaskCount);
        Assert.Equal(2, known.MessagesOf(999, 9));
        Assert.All(Strategies.All, kind => Assert.Null(Toys.Run(Strategies.Of(kind.Name).Create(1, known), model.Build).Finding));
    }
}
