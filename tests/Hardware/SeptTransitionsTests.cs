using GmemActors.Hardware;
using static GmemActors.Hardware.SeptState;

namespace GmemActors.Tests.Hardware;

public class SeptTransitionsTests
{
    public static TheoryData<string, SeptState, SeptState?> Table => new()
    {
        { "SEPT.ADD", Free, NlMapped },
        { "SEPT.ADD", NlMapped, NlMapped },
        { "PAGE.ADD", Free, Mapped },
        { "PAGE.AUG", Free, Pending },
        { "PAGE.AUG", Removed, Pending },
        { "ACCEPT", Pending, Mapped },
        { "ACCEPT", PendingExportedDirty, Mapped },
        { "RANGE.BLOCK", NlMapped, NlBlocked },
        { "RANGE.BLOCK", Mapped, Blocked },
        { "RANGE.BLOCK", BlockedW, Blocked },
        { "RANGE.BLOCK", Pending, PendingBlocked },
        { "RANGE.BLOCK", PendingBlockedW, PendingBlocked },
        { "UNBLOCK", NlBlocked, NlMapped },
        { "UNBLOCK", Blocked, Mapped },
        { "UNBLOCK", PendingBlocked, Pending },
    };

    [Theory]
    [MemberData(nameof(Table))]
    public void Each_call_leads_from_the_states_of_the_table_to_those_of_the_table(string call, SeptState from, SeptState? to) =>
        Assert.Equal(to, Next(call, from));

    [Theory]
    [InlineData("SEPT.ADD")]
    [InlineData("PAGE.ADD")]
    [InlineData("PAGE.AUG")]
    [InlineData("ACCEPT")]
    [InlineData("RANGE.BLOCK")]
    [InlineData("UNBLOCK")]
    public void And_from_no_other_state(string call)
    {
        var allowed = Table.Where(row => (string)row[0] == call).Select(row => (SeptState)row[1]);

        Assert.Equal(allowed.Order(), Enum.GetValues<SeptState>().Where(from => Next(call, from) is not null));
    }

    [Fact]
    public void The_states_are_in_the_modules_order() =>
        Assert.Equal(
            [
                Free, Removed, NlMapped, NlBlocked, Mapped, Blocked, BlockedW,
                Pending, PendingBlocked, PendingBlockedW, PendingExportedDirty,
            ],
            Enum.GetValues<SeptState>());

    private static SeptState? Next(string call, SeptState from) => call switch
    {
        "SEPT.ADD" => SeptTransitions.SeptAdd(from),
        "PAGE.ADD" => SeptTransitions.PageAdd(from),
        "PAGE.AUG" => SeptTransitions.PageAug(from),
        "ACCEPT" => SeptTransitions.Accept(from),
        "RANGE.BLOCK" => SeptTransitions.Block(from),
        _ => SeptTransitions.Unblock(from),
    };
}
