using GmemActors.Actors;
using GmemActors.Engine;
using GmemActors.Scenarios;
using GmemActors.Scenarios.Files;

namespace GmemActors.Tests.Scenarios.Files;

/// <summary>What a file says is what happens.</summary>
public class RunTests
{
    private const string Head = """
        scenario: test
        point: One thing is tried.
        user_memory: 8K
        inodes:
          i0: 8K
        files:
          g0: {vm: vm0, inode: i0}
        vms:
          vm0:
            memory: 0x100000 16K
            private: 0x100000 8K
            slots:
              0: {range: 0x100000 8K, file: g0}
              1: {range: 0x102000 8K, hva: 0}

        """;

    [Theory]
    [InlineData("punch_hole g0 0 1", "EINVAL")]
    [InlineData("punch_hole g0 0 8E", null)]
    [InlineData("fallocate g0 none 0 4K", "EOPNOTSUPP")]
    [InlineData("allocate g0 8K 4K", "EINVAL")]
    [InlineData("allocate g0 0 8K", "OK")]
    [InlineData("create_guest_memfd vm0 0", "EINVAL")]
    [InlineData("create_guest_memfd vm0 8K", "OK")]
    [InlineData("delete_memslot vm0 7", "EINVAL")]
    [InlineData("create_memslot vm0 0 0x100000 8K g0", "EINVAL")]
    [InlineData("create_memslot vm0 3 0x100000 4K none 0 0 none", "EEXIST")]
    [InlineData("create_memslot vm0 3 0x110000 4K none", "EBADF")]
    [InlineData("set_memory_attributes vm0 0x100000 1 shared", "EINVAL")]
    [InlineData("set_memory_attributes vm0 0x100000 4K shared", "OK")]
    [InlineData("madvise_dontneed 0 8K", "OK")]
    [InlineData("pre_fault 0x100000 8K", "OK")]
    [InlineData("read 0x103000 shared", "OK")]
    public void An_operation_returns_what_the_kernel_does(string operation, string? result)
    {
        var tasks = $"  t:\n    vcpu: vm0\n    does:\n      - {operation} -> ";
        if (result is null)
        {
            Assert.False(ScenarioParser.TryParse($"{Head}tasks:\n{tasks}OK", out _, out _));
            return;
        }

        Assert.Null(Run($"{Head}tasks:\n{tasks}{result}"));
        var other = Run($"{Head}tasks:\n{tasks}{(result == "EIO" ? "EINTR" : "EIO")}");
        Assert.Equal($"{operation}: {result}", Assert.IsType<WrongErrno>(other).Cause);
    }

    [Fact]
    public void A_result_that_nobody_said_anything_of_must_be_success()
    {
        var finding = Assert.IsType<WrongErrno>(Run($"{Head}tasks:\n  t:\n    - delete_memslot vm0 7"));

        Assert.Equal("t: delete_memslot vm0 7 returned EINVAL, not OK", finding.Title);
        Assert.Equal("wrong-errno", finding.Kind);
    }

    [Fact]
    public void A_descriptor_that_was_closed_is_none() =>
        Assert.Null(Run($"{Head}tasks:\n  t:\n    - delete_memslot vm0 0\n    - close g0\n    - punch_hole g0 0 4K -> EBADF"));

    [Fact]
    public void An_access_that_fails_ends_what_the_guest_does_and_not_the_task()
    {
        const string tasks = """
            tasks:
              t:
                vcpu: vm0
                does:
                  - delete_memslot vm0 0
                  - read 0x100000 private -> EFAULT
                  - read 0x102000 shared
                  - create_memslot vm0 0 0x100000 8K g0
                  - read 0x100000 private
            finally:
              - vm0 maps 0x100000 and not vm0 maps 0x102000
            """;

        Assert.Null(Run(Head + tasks));
    }

    [Fact]
    public void Who_converts_gets_what_the_guest_wants()
    {
        const string tasks = """
            tasks:
              t:
                vcpu: vm0
                on_memory_fault: convert
                does:
                  - map_gpa_range 0x101000 4K shared
                  - map_gpa_range 0x101000 4K private
                  - read 0x101000 private
            finally:
              - vm0 has_private 0x101000 and vm0 maps 0x101000
            """;

        Assert.Null(Run(Head + tasks));
    }

    [Fact]
    public void A_repetition_is_done_so_often()
    {
        Assert.Equal(Steps("    - allocate g0 0 8K\n    - allocate g0 0 8K\n"), Steps("    - repeat 2:\n        - allocate g0 0 8K\n"));
    }

    [Fact]
    public void A_retry_ends_with_the_first_success()
    {
        const string tasks = """
            tasks:
              t:
                - retry while EINVAL:
                    - delete_memslot vm0 0
                    - create_memslot vm0 0 0x100000 8K g0
              other:
                - delete_memslot vm0 1
            """;

        Assert.Null(Run(Head + tasks));
    }

    [Theory]
    [InlineData("delete_memslot vm0 7")]
    [InlineData("punch_hole g0 0 1")]
    [InlineData("create_guest_memfd vm0 1")]
    public void A_retry_that_nobody_can_end_is_a_livelock(string operation)
    {
        var finding = Run($"{Head}tasks:\n  t:\n    - retry while EINVAL:\n        - {operation}");

        Assert.Equal("t: EINVAL", Assert.IsType<Livelock>(finding).Cause);
    }

    [Fact]
    public void Of_several_ways_each_is_taken_sometimes()
    {
        const string tasks = "tasks:\n  t:\n    - one of:\n        - delete_memslot vm0 7 -> any\n        - [close g0, delete_memslot vm0 7]\n        - delete_memslot vm0 9";

        var causes = Enumerable.Range(0, 50).Select(seed => Run(Head + tasks, (ulong)seed)?.Cause ?? "none").Distinct().Order(StringComparer.Ordinal);

        Assert.Equal(["delete_memslot vm0 7: EINVAL", "delete_memslot vm0 9: EINVAL", "none"], causes);
    }

    [Theory]
    [InlineData("    - after: first.done\n", true)]
    [InlineData("", false)]
    public void After_a_label_means_after_it(string after, bool isOrdered)
    {
        var tasks = $"tasks:\n  first:\n    - delete_memslot vm0 0\n    - label: done\n  second:\n{after}    - create_memslot vm0 0 0x100000 8K g0";

        var findings = Enumerable.Range(0, 100).Count(seed => Run(Head + tasks, (ulong)seed) is not null);

        Assert.Equal(isOrdered, findings == 0);
    }

    [Theory]
    [InlineData("    - barrier: met\n", true)]
    [InlineData("", false)]
    public void A_barrier_lets_nobody_go_before_all_have_come(string barrier, bool isOrdered)
    {
        var tasks = $"tasks:\n  first:\n    - delete_memslot vm0 0\n{barrier}  second:\n{barrier}    - create_memslot vm0 0 0x100000 8K g0";

        var findings = Enumerable.Range(0, 100).Count(seed => Run(Head + tasks, (ulong)seed) is not null);

        Assert.Equal(isOrdered, findings == 0);
    }

    [Theory]
    [InlineData("never", "pages(i0) == 2", "does not hold: never pages(i0) == 2")]
    [InlineData("never", "pages(i0) > 2", null)]
    [InlineData("never", "too many pages: pages(i0) > 1", "does not hold: never too many pages")]
    [InlineData("never", "not vm0 has_private 0x100000", null)]
    [InlineData("finally", "pages(i0) == 2", null)]
    [InlineData("finally", "pages(i0) != 2", "does not hold: finally pages(i0) != 2")]
    [InlineData("finally", "references(g0) == 1 and bindings(g0) == 1 and mapped(vm0) == 0", null)]
    [InlineData("finally", "in_progress(vm0) < 0", "does not hold: finally in_progress(vm0) < 0")]
    public void A_claim_is_held_against_the_state(string when, string claim, string? title) =>
        Assert.Equal(title, Run($"{Head}tasks:\n  t:\n    - allocate g0 0 8K\n{when}:\n  - {claim}")?.Title);

    [Theory]
    [InlineData("i0 is_locked", false)]
    [InlineData("pages(i0) == 1", true)]
    [InlineData("fault_retried", false)]
    public void What_happens_sometimes_is_seen(string claim, bool isSeen)
    {
        var world = World($"{Head}tasks:\n  t:\n    - allocate g0 0 8K\nsometimes:\n  - {claim}", 0);
        world.Run();

        Assert.Equal(isSeen, world.Properties.Single(property => property.Kind == PropertyKind.Sometimes).Seen);
    }

    [Fact]
    public void A_version_can_be_expected_to_show_what_no_bug_is_named_for()
    {
        var text = $"{Head}tasks:\n  t:\n    - delete_memslot vm0 7\nshows:\n  \"6.8\": {{wrong-errno: \"delete_memslot vm0 7: EINVAL\"}}";
        var scenario = new FileScenario(ScenarioParser.Parse(text));
        var finding = Run(text)!;

        Assert.True(scenario.IsExpected(KernelVersion.Linux68, finding));
        Assert.True(scenario.IsExpected(KernelVersion.Linux68.With(GuestMemfdBugs.TruncateOutside), finding));
        Assert.False(scenario.IsExpected(KernelVersion.Linux72, finding));
    }

    private static Finding? Run(string text, ulong seed = 0) => World(text, seed).Run();

    private static long Steps(string steps)
    {
        var world = World($"{Head}tasks:\n  t:\n{steps}", 0);
        Assert.Null(world.Run());
        return world.Step;
    }

    private static World World(string text, ulong seed)
    {
        var world = new World(new RandomWalk(seed));
        new FileScenario(ScenarioParser.Parse(text)).ToModel(KernelVersion.Linux72).Build(world);
        return world;
    }
}
