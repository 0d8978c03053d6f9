using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

/// <summary>Nested page tables with room for one mapping.</summary>
internal sealed class OnePage(string name, Translation page) : Actor(name)
{
    protected internal override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case Walk walk:
                return walk.Reply(page);
            case Map map:
                page = map.Translation;
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }

    internal sealed record Walk(Gfn Gfn) : Query<Translation>;

    internal sealed record Map(Translation Translation) : Message<Done>;
}
