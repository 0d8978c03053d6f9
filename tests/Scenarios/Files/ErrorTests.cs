using GmemActors.Scenarios.Files;

namespace GmemActors.Tests.Scenarios.Files;

/// <summary>A file that is wrong says in one line where, what was found, and what would be right.</summary>
public class ErrorTests
{
    private const string Right = """
        scenario: right
        point: Nothing is wrong.
        machine: software-protected
        inodes:
          inode0: 8K
        files:
          g0: {vm: vm0, inode: inode0}
        vms:
          vm0:
            memory: 0x100000 8K
            private: all
            slots:
              0: {range: 0x100000 8K, file: g0}
        tasks:
          vcpu0:
            vcpu: vm0
            does:
              - read 0x100000 private
          punch:
            - punch_hole g0 0 8K
        sometimes:
          - fault_retried
        never:
          - pages(inode0) > 2
        shows:
          truncate-outside: {property: a present SPTE maps a page of the page cache}
        """;

    [Fact]
    public void The_file_that_the_others_are_made_from_is_right() => Assert.Equal("right", ScenarioParser.Parse(Right).Name);

    [Theory]
    [InlineData("", "1:1: found nothing; expected a scenario, which begins with 'scenario: NAME'")]
    [InlineData("# a comment\n", "1:1: found nothing; expected a scenario, which begins with 'scenario: NAME'")]
    [InlineData("a text", "1:1: found 'a text'; expected a scenario, with: scenario, point, kernels, needs, machine, user_memory, inodes, vms, files, tasks, sometimes, never, finally, shows, may_show")]
    [InlineData("- a\n- b", "1:1: found a list; expected a scenario, with: scenario, point, kernels, needs, machine, user_memory, inodes, vms, files, tasks, sometimes, never, finally, shows, may_show")]
    [InlineData("a: 1\n\tb: 2", "2:1: found a tab; expected spaces")]
    [InlineData("a: \u0001", "1:4: found the control character U+0001; expected text")]
    [InlineData("a: 1\nb: \u0000", "2:4: found the control character U+0000; expected text")]
    [InlineData("a: &x 1", "1:4: found an anchor; expected text without '&'")]
    [InlineData("a: *x", "1:4: found an alias; expected the text itself")]
    [InlineData("a: !!int 1", "1:4: found a tag; expected text without '!'")]
    [InlineData("a: 1\n---\nb: 2", "2:1: found a second document; expected one scenario in a file")]
    [InlineData("a: 1\nb: 2\na: 3", "3:1: found 'a' again; expected each key once")]
    [InlineData("[a]: 1", "1:1: found a list as a key; expected a word")]
    [InlineData("a: [1", "2:1: found no YAML (While parsing a flow sequence, did not find expected ',' or ']'); expected YAML as scenarios are written in")]
    [InlineData("a: [[[[[[[[[[[[[[[[[[[[1", "1:19: found more than 16 levels; expected fewer")]
    public void What_is_no_document(string text, string error) => AssertError(text, error);

    [Theory]
    [InlineData("scenario: right", "nothing: right", "1:1: found 'nothing'; expected a key of a scenario: scenario, point, kernels, needs, machine, user_memory, inodes, vms, …")]
    [InlineData("scenario: right", "scenari: right", "1:1: found 'scenari'; expected a key of a scenario (did you mean scenario?)")]
    [InlineData("scenario: right\n", "", "1:1: found a scenario without 'scenario'; expected 'scenario:'")]
    [InlineData("scenario: right", "scenario: Right", "1:11: found 'Right'; expected a name of small letters, digits and '-', at most 64")]
    [InlineData("scenario: right", "scenario:", "1:10: found nothing; expected a name of small letters, digits and '-', at most 64")]
    [InlineData("scenario: right", "scenario: [right]", "1:11: found a list; expected a name of small letters, digits and '-', at most 64")]
    [InlineData("Nothing is wrong.", "Wrong.", "2:8: found 'Wrong.'; expected a sentence that says what the scenario is about")]
    [InlineData("machine: software-protected", "machine: sofware-protected", "3:10: found 'sofware-protected'; expected the type of a machine (did you mean software-protected?)")]
    [InlineData("machine: software-protected", "machine: {type: plain, frames: 0}", "3:32: found '0'; expected the number of the host's frames: 1 to 65536")]
    [InlineData("machine: software-protected", "machine: {faults: [disk]}", "3:20: found 'disk'; expected a kind of fault: allocation, signal")]
    [InlineData("machine: software-protected", "kernels: 6.9", "3:10: found '6.9'; expected a kernel version (did you mean 6.8?)")]
    [InlineData("machine: software-protected", "needs: [has-pre-fault, has-pre-fault]", "3:24: found 'has-pre-fault' again; expected each once")]
    [InlineData("machine: software-protected", "needs: []", "3:8: found an empty list; expected a field of kernel versions, or a list of them")]
    public void A_head_that_is_wrong(string right, string wrong, string error) => AssertError(right, wrong, error);

    [Theory]
    [InlineData("inode0: 8K", "inode0: 8k", "5:11: found '8k'; expected the size of an inode, a number of bytes such as 0x1000, 4096, 4K or 2M")]
    [InlineData("inode0: 8K", "inode0: 0", "5:11: found '0'; expected the size of an inode, from 4K to 0x7ffffffffffff000")]
    [InlineData("inode0: 8K", "inode0: 5000", "5:11: found '5000'; expected the size of an inode, of whole pages")]
    [InlineData("inode0: 8K", "inode0: 99999999999999999999", "5:11: found '99999999999999999999'; expected the size of an inode, a number of bytes such as 0x1000, 4096, 4K or 2M")]
    [InlineData("inode0: 8K", "inode0: 17179869184G", "5:11: found '17179869184G'; expected the size of an inode, a number of bytes such as 0x1000, 4096, 4K or 2M")]
    [InlineData("inode0: 8K", "0inode: 8K", "5:3: found '0inode'; expected a name of an inode: a letter, then up to 39 letters, digits, '_', '.' or '-'")]
    [InlineData("inode0: 8K", "inode0: 8K\n  memory: 8K", "6:3: found 'memory' again; expected a name of an inode that nothing else has")]
    [InlineData("  g0: {vm", "  vm0: {vm", "7:3: found 'vm0' again; expected a name of a gmem file that nothing else has")]
    [InlineData("{vm: vm0, inode: inode0}", "{vm: vm1, inode: inode0}", "7:12: found 'vm1'; expected a VM (did you mean vm0?)")]
    [InlineData("{vm: vm0, inode: inode0}", "{vm: vm0}", "7:7: found a gmem file without 'inode'; expected 'inode:'")]
    [InlineData("memory: 0x100000 8K", "memory: 0x100000", "10:13: found '0x100000'; expected the addresses that the guest can name: an address and a size, such as 0x100000 8K")]
    [InlineData("memory: 0x100000 8K", "memory: 0x100001 8K", "10:13: found '0x100001'; expected an address of a page")]
    [InlineData("memory: 0x100000 8K", "memory: 0x100000 8M", "10:22: found '8M'; expected at most 4M")]
    [InlineData("memory: 0x100000 8K", "memory: 0xffffffffffffe000 8K", "10:13: found '0xffffffffffffe000'; expected an address below 2^52")]
    [InlineData("private: all", "private: 0x102000 4K", "11:14: found '0x102000 4K'; expected addresses of the guest's memory, 0x100000 8K")]
    [InlineData("private: all", "privat: all", "11:5: found 'privat'; expected a key of a VM (did you mean private?)")]
    [InlineData("0: {range: 0x100000 8K, file: g0}", "40000: {range: 0x100000 8K, file: g0}", "13:7: found '40000'; expected the number of a memslot: 0 to 32763")]
    [InlineData("0: {range: 0x100000 8K, file: g0}", "0: {range: 0x100000 12K, file: g0}", "13:18: found '0x100000 12K'; expected addresses of the guest's memory, 0x100000 8K")]
    [InlineData("0: {range: 0x100000 8K, file: g0}", "0: {range: 0x100000 8K, file: g0, offset: 4K}", "13:7: found pages beyond the end of the inode; expected pages that it has")]
    [InlineData("0: {range: 0x100000 8K, file: g0}", "0: {range: 0x100000 8K}", "13:7: found a memslot without 'file' and without 'hva'; expected one of them")]
    [InlineData("0: {range: 0x100000 8K, file: g0}", "0: {range: 0x100000 8K, file: g0}\n      1: {range: 0x101000 4K, hva: 0}", "14:7: found addresses that another memslot has; expected addresses of its own")]
    [InlineData("    slots:\n      0: {range: 0x100000 8K, file: g0}", "    slots: 0", "12:12: found '0'; expected memslots, each by its number")]
    public void An_object_that_is_wrong(string right, string wrong, string error) => AssertError(right, wrong, error);

    [Theory]
    [InlineData("- punch_hole g0 0 8K", "- punch_hol g0 0 8K", "20:7: found 'punch_hol'; expected an operation (did you mean punch_hole?)")]
    [InlineData("- punch_hole g0 0 8K", "- punch_hole g0 0", "20:7: found 2 words behind 'punch_hole'; expected 'punch_hole file offset length'")]
    [InlineData("- punch_hole g0 0 8K", "- punch_hole g0 0 8K 4K", "20:26: found 4 words behind 'punch_hole'; expected 'punch_hole file offset length'")]
    [InlineData("- punch_hole g0 0 8K", "- punch_hole g1 0 8K", "20:18: found 'g1'; expected a gmem file (did you mean g0?)")]
    [InlineData("- punch_hole g0 0 8K", "- punch_hole g0 0 -8K", "20:23: found '-8K'; expected a number of bytes such as 0x1000, 4096, 4K or 2M")]
    [InlineData("- punch_hole g0 0 8K", "- punch_hole g0 0 8K -> EINVL", "20:29: found 'EINVL'; expected OK or an errno (did you mean EINVAL?)")]
    [InlineData("- punch_hole g0 0 8K", "- punch_hole g0 0 8K -> OK|OK", "20:32: found 'OK' again; expected each once")]
    [InlineData("- punch_hole g0 0 8K", "- punch_hole g0 0 8K ->", "20:26: found 0 words behind '->'; expected what the operation may return: OK, an errno, several of them as OK|EAGAIN, or any")]
    [InlineData("- punch_hole g0 0 8K", "- punch_hole: g0 0 8K", "20:7: found a ':' behind 'punch_hole'; expected an operation without one")]
    [InlineData("- punch_hole g0 0 8K", "- read 0x100000 private", "20:7: found 'read' in a task without a vCPU; expected 'vcpu: VM' in task 'punch'")]
    [InlineData("- punch_hole g0 0 8K", "- {a: 1, b: 2}", "20:7: found a mapping; expected an operation, or one of: repeat N, retry while ERRNO, one of, after, label, barrier")]
    [InlineData("- punch_hole g0 0 8K", "- fallocate g0 keep_size+hole 0 8K", "20:20: found 'keep_size+hole'; expected FALLOC_FL_… of fallocate(), joined by '+': none, keep_size, punch_hole, collapse_range, zero_range, insert_range, unshare_range")]
    [InlineData("- punch_hole g0 0 8K", "- set_memory_attributes vm0 0 2G private", "20:7: found 0x80000000 bytes; expected at most 1G at once")]
    [InlineData("- punch_hole g0 0 8K", "- madvise_dontneed 0 4K", "20:7: found 0x0 with 0x1000 bytes; expected whole pages of 'user_memory'")]
    [InlineData("- read 0x100000 private", "- read 0x100000 privat", "18:23: found 'privat'; expected the kind of memory (did you mean private?)")]
    [InlineData("- read 0x100000 private", "- read 0x102000 private", "18:9: found 0x102000; expected an address of vm0: from 0x100000 up to 0x102000")]
    [InlineData("- read 0x100000 private", "- map_gpa_range 0x101000 8K", "18:9: found 0x101000; expected an address of vm0: from 0x100000 up to 0x102000")]
    [InlineData("    does:\n      - read 0x100000 private", "    does: read", "17:11: found 'read'; expected a list of operations")]
    [InlineData("    does:\n      - read 0x100000 private", "    does: []", "17:11: found an empty list; expected a list of operations")]
    [InlineData("    vcpu: vm0\n", "    on_memory_fault: convert\n", "16:22: found 'on_memory_fault' in a task without a vCPU; expected 'vcpu: VM'")]
    [InlineData("    vcpu: vm0\n", "    vcpu: vm0\n    on_memory_fault: die\n", "17:22: found 'die'; expected what a memory fault comes to: stop, convert")]
    [InlineData("  punch:\n", "  vcpu0:\n", "19:3: found 'vcpu0' again; expected each key once")]
    [InlineData("  punch:\n", "  g0:\n", "19:3: found 'g0' again; expected a name of a task that nothing else has")]
    public void An_operation_that_is_wrong(string right, string wrong, string error) => AssertError(right, wrong, error);

    [Theory]
    [InlineData("repeat 0:\n        - close g0", "20:14: found '0'; expected how many times: 1 to 1000")]
    [InlineData("repeat many:\n        - close g0", "20:14: found 'many'; expected how many times: 1 to 1000")]
    [InlineData("repat 3:\n        - close g0", "20:7: found 'repat'; expected one of the words that steer (did you mean repeat?)")]
    [InlineData("repeat 1000:\n        - repeat 1000:\n            - close g0", "22:15: found too many operations; expected at most 10000 in all, repetitions counted")]
    [InlineData("retry while any:\n        - close g0", "20:19: found success; expected an errno such as EAGAIN")]
    [InlineData("retry while EGAIN:\n        - close g0", "20:19: found 'EGAIN'; expected OK or an errno (did you mean EAGAIN?)")]
    [InlineData("one of:\n        - close g0", "21:9: found a list; expected a list of at least two operations, or of lists of them")]
    [InlineData("after: vcpu0.done", "20:14: found 'vcpu0.done'; expected a label, as TASK.LABEL, of which there is none")]
    [InlineData("label: a b", "20:14: found 'a b'; expected the name of a label")]
    [InlineData("repeat 2:\n        - label: a", "21:11: found 'label' inside a block; expected 'label' in the task's own list, so that it is passed once")]
    [InlineData("barrier: b", "1:1: found barrier 'b' in one task only; expected at least two that meet")]
    [InlineData("after: punch.done\n    - label: done", "20:14: found task 'punch', which would wait for ever; expected an order of labels and barriers in which every task can go on")]
    public void A_word_that_steers_wrongly(string wrong, string error) => AssertError("punch_hole g0 0 8K", wrong, error);

    [Theory]
    [InlineData("fault_retried", "fault_retrie", "22:5: found 'fault_retrie'; expected an event, or a condition (did you mean fault_retried?)")]
    [InlineData("- fault_retried", "- some words: fault_retried", "22:17: found 'fault_retried'; expected an event without words of its own")]
    [InlineData("pages(inode0) > 2", "fault_retried", "24:5: found 'fault_retried'; expected a condition such as 'vm0 maps 0x1000' or 'pages(inode0) == 0'")]
    [InlineData("pages(inode0) > 2", "pages(inode1) > 2", "24:11: found 'inode1'; expected an inode (did you mean inode0?)")]
    [InlineData("pages(inode0) > 2", "page(inode0) > 2", "24:5: found 'page'; expected a number of the state (did you mean pages?)")]
    [InlineData("pages(inode0) > 2", "pages(inode0) >= 2", "24:19: found '>='; expected a comparison: ==, !=, <, >")]
    [InlineData("pages(inode0) > 2", "pages(inode0) > two", "24:21: found 'two'; expected a number")]
    [InlineData("pages(inode0) > 2", "pages(inode0)", "24:5: found no comparison; expected 'pages(inode) == 0'")]
    [InlineData("pages(inode0) > 2", "vm0 map 0x100000", "24:9: found 'map'; expected what can be said of the state (did you mean maps or maps_same?)")]
    [InlineData("pages(inode0) > 2", "vm0 maps", "24:9: found 0 words behind 'maps'; expected 'vm maps gpa'")]
    [InlineData("pages(inode0) > 2", "vm0 maps 0x100000 and", "24:5: found nothing beside 'and' or 'not'; expected a condition")]
    [InlineData("- pages(inode0) > 2", "- g0 is_dying\n  - g0 is_dying", "22:3: found 'never g0 is_dying' twice; expected each condition once")]
    [InlineData("truncate-outside:", "truncate-outsid:", "26:3: found 'truncate-outsid'; expected a bug, or a kernel version (did you mean truncate-outside?)")]
    [InlineData("{property:", "{propert:", "26:22: found 'propert'; expected the kind of a finding (did you mean property?)")]
    [InlineData("a present SPTE maps a page of the page cache", "a present SPTE maps a page of the page cach", "26:32: found 'a present SPTE maps a page of the page cach'; expected a property (did you mean a present SPTE maps a page of the page cache?)")]
    [InlineData("shows:", "may_show:\n  truncate-outside: all\nshows:", "26:21: found 'all'; expected one finding, as 'KIND: CAUSE'")]
    [InlineData("shows:\n  truncate-outside: {property: a present SPTE maps a page of the page cache}", "shows: all", "25:8: found 'all'; expected what is found, as 'BUG: {KIND: CAUSE}'")]
    public void A_claim_that_is_wrong(string right, string wrong, string error) => AssertError(right, wrong, error);

    [Fact]
    public void A_file_without_end_is_not_read()
    {
        AssertError(new string('#', 1 << 19), "1:1: found 524288 letters; expected at most 262144");
    }

    [Fact]
    public void What_stands_in_the_file_cannot_break_the_line()
    {
        var text = Right.Replace("punch_hole g0", "\"\\u001b[31m" + new string('x', 5000) + "\\n\"", StringComparison.Ordinal);

        Assert.False(ScenarioParser.TryParse(text, out _, out var error));

        Assert.DoesNotContain('\u001b', error);
        Assert.DoesNotContain('\n', error);
        Assert.InRange(error.Length, 10, 400);
    }

    private static void AssertError(string right, string wrong, string error)
    {
        Assert.Contains(right, Right, StringComparison.Ordinal);
        AssertError(Right.Replace(right, wrong, StringComparison.Ordinal), error);
    }

    private static void AssertError(string text, string error)
    {
        Assert.False(ScenarioParser.TryParse(text, out _, out var actual), "the file is read");
        Assert.Equal(error, actual);
    }
}
