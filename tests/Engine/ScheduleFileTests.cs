using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class ScheduleFileTests
{
    private const string Good = """
        gmem-schedule 1
        scenario s
        kernel 6.8

        # by hand
        vcpu0 kvm_mmu_lock vm0
        ? vcpu0 1 of 2 allocation fails
        end

        """;

    [Fact]
    public void A_schedule_is_read_as_it_was_written()
    {
        Assert.True(ScheduleFile.TryRead(Good, out var schedule, out _));

        Assert.Equal("s", schedule.Model);
        Assert.Equal("6.8", schedule.Setting("kernel"));
        Assert.Equal([new Delivery("vcpu0", "kvm_mmu_lock", "vm0"), new DataChoice("vcpu0", 1, 2, "allocation fails")], schedule.Choices);
        Assert.Equal(Good.Replace("# by hand\n", "", StringComparison.Ordinal), ScheduleFile.Write(schedule));
    }

    [Theory]
    [InlineData("", "not a schedule: the first line is not 'gmem-schedule 1'")]
    [InlineData("\0\u0001\u0002", "not a schedule: the first line is not 'gmem-schedule 1'")]
    [InlineData("gmem-schedule 2\nend\n", "a schedule of version 2; this program reads version 1")]
    [InlineData("gmem-schedule\nend\n", "a schedule of version ; this program reads version 1")]
    [InlineData("gmem-schedule 1\nscenario s\n\nvcpu0 a b\n", "cut off: the last line is not 'end'")]
    [InlineData("gmem-schedule 1\nkernel 6.8\n\nend\n", "no line 'scenario NAME' before the first empty line")]
    [InlineData("gmem-schedule 1\nscenario s\n\nvcpu0 a\nend\n", "line 4: expected TASK MESSAGE ACTOR, or ? TASK CHOSEN of COUNT WHAT; found: vcpu0 a")]
    [InlineData("gmem-schedule 1\nscenario s\n\n? t 2 of 2 x\nend\n", "line 4: expected TASK MESSAGE ACTOR, or ? TASK CHOSEN of COUNT WHAT; found: ? t 2 of 2 x")]
    [InlineData("gmem-schedule 1\nscenario s\n\n? t -1 of 2 x\nend\n", "line 4: expected TASK MESSAGE ACTOR, or ? TASK CHOSEN of COUNT WHAT; found: ? t -1 of 2 x")]
    public void What_cannot_be_read_says_why_and_what_would_be_right(string text, string expected)
    {
        Assert.False(ScheduleFile.TryRead(text, out _, out var error));

        Assert.Equal(expected, error);
    }

    [Fact]
    public void Any_cut_of_a_schedule_is_an_error_or_a_schedule_and_never_an_exception()
    {
        for (var length = 0; length < Good.Length; length++)
        {
            var read = ScheduleFile.TryRead(Good[..length], out _, out var error);

            Assert.Equal(read, error is null);
            Assert.Equal(length >= Good.Length - 1, read);
        }
    }

    [Fact]
    public void Random_damage_is_an_error_or_a_schedule_and_never_an_exception()
    {
        var prng = new Prng(1);
        for (var i = 0; i < 20_000; i++)
        {
            var damaged = Good.ToCharArray();
            for (var hits = prng.Below(4); hits >= 0; hits--) damaged[prng.Below(damaged.Length)] = (char)prng.Below(128);

            var read = ScheduleFile.TryRead(new string(damaged), out var schedule, out var error);

            Assert.True(read ? schedule is not null : error is { Length: > 0 });
        }
    }
}
