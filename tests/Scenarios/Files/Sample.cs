namespace GmemActors.Tests.Scenarios.Files;

/// <summary>A file with everything that files can say.</summary>
internal static class Sample
{
    internal const string Text = """
        scenario: sample
        point: Everything that a file can say is said.
        kernels: [6.12, 7.2]
        needs: has-pre-fault
        machine:
          type: software-protected
          frames: 24
          faults: [allocation]
        user_memory: 16K
        inodes:
          inode0: 16K
          inode1: 0x1000
        files:
          g0: {vm: vm0, inode: inode0}
          g1: {vm: vm1, inode: inode0}
        vms:
          vm0:
            memory: 0x100000 32K
            private: [0x100000 8K, 0x104000 4096]
            slots:
              0: {range: 0x100000 8K, file: g0, offset: 4K}
              1: {range: 0x102000 8K, hva: 8K}
          vm1:
            memory: 1M 16K
            private: all
        tasks:
          vcpu0:
            vcpu: vm0
            on_memory_fault: convert
            does:
              - read 0x100000 private -> any
              - write 0x102000 shared -> OK|ENOMEM
              - map_gpa_range 0x106000 4K shared -> any
              - label: used
              - pre_fault 0x100000 8K -> any
              - barrier: met
          vmm:
            - after: vcpu0.used
            - repeat 2:
                - punch_hole g0 0 16K
                - one of:
                    - allocate g0 0 4K -> OK|ENOMEM
                    -
                      - close g1 -> any
                      - punch_hole g1 0 4K -> OK|EBADF
            - retry while EAGAIN|EINTR:
                - set_memory_attributes vm0 0x106000 8K private -> any
            - barrier: met
            - create_memslot vm1 5 1M 4K none 0 4K none
            - madvise_dontneed 8K 8K
            - fallocate g0 keep_size+zero_range 0 4K -> EOPNOTSUPP
        sometimes:
          - fault_retried
          - "it is all gone: at once": pages(inode0) == 0
          - vm0 maps 0x100000 and not vm0 is_in_kernel
        never:
          - g0 is_dying
          - in_progress(vm1) > 3
        finally:
          - the file is there: references(g0) != 0
        shows:
          truncate-outside: {property: a present SPTE maps a page of the page cache}
        may_show:
          begin-without-end:
            - livelock: mmu_invalidate_retry_gfn
            - property: "never in_progress(vm1) > 3"
          "6.12":
            - wrong-errno: "punch_hole g0 0 16K: EINTR"

        """;
}
