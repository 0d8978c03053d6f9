using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

/// <summary>Tasks that read a number and write it back, one more: the smallest race there is.</summary>
internal static class LostUpdate
{
    internal static Model Model(int tasks, int bystanders = 0, bool extraStep = false) => new("lost-update", world =>
    {
        var number = world.Add(new Number("number"));
        for (var i = 0; i < tasks; i++) world.Spawn($"adder{i}", current => Add(current, number, extraStep));
        for (var i = 0; i < bystanders; i++) world.Spawn($"bystander{i}", current => Look(current, number));
        world.Sometimes("the number is one", () => number.Value == 1, number);
        world.Finally("nothing was lost", () => number.Value == tasks ? null : $"{number.Value} of {tasks}");
    });

    internal static Explorer Explorer(Model model) => new(model, seed => new RandomWalk(seed));

    private static async Path Add(KernelTask current, Number number, bool extraStep)
    {
        var value = await current.Ask(number, new ReadNumber());
        if (extraStep) await current.Ask(number, new Look());
        var summand = 1 + current.Choose(1, "summand");
        await current.Ask(number, new WriteNumber(value + summand));
    }

    private static async Path Look(KernelTask current, Number number)
    {
        for (var i = 0; i < 5; i++) await current.Ask(number, new Look());
    }
}

internal sealed class Number(string name) : Actor(name)
{
    internal int Value { get; private set; }

    protected internal override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case ReadNumber read:
                return read.Reply(Value);
            case WriteNumber write:
                Value = write.Value;
                return Reply.Done;
            case Look:
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }
}

internal sealed record ReadNumber : Query<int>;

internal sealed record WriteNumber(int Value) : Message<Done>;

internal sealed record Look : Query<Done>;
