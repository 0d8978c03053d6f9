using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;

namespace GmemActors.Tests.Vectors;

/// <summary>
/// The test vectors of guest_memfd and of its memslots, by their numbers: what every kernel, or one of some kernels, answers.
/// </summary>
public class GmemVectorsTests
{
    private const long P = VectorLab.P;
    private const long S = 4 * P;
    private const ulong Address = VectorLab.Address;
    private const KvmMem Gmem = KvmMem.GuestMemfd;
    private const GuestMemfdKind Shared = GuestMemfdKind.Mmap | GuestMemfdKind.InitShared;
    private static readonly Gfn First = VectorLab.First;

    // The kernels with user mappings answer as a run of 6.18.44 did; the older ones as their code says.
    private static readonly string[] All = ["6.8", "6.11", "6.12", "6.18", "7.0", "7.2"];
    private static readonly string[] Mappable = ["6.18", "7.0", "7.2"];
    private static readonly string[] Inplace = ["rfc-inplace"];
    private static readonly string[] NotMappable = ["6.8", "6.11", "6.12"];

    private static readonly Vector[] Table =
    [
        new("1, read", All, v => v.Call(c => ReadWrite.KsysRead(c, v.Files, v.Gmem)), Errno.EINVAL),
        new("1, write", All, v => v.Call(c => ReadWrite.KsysWrite(c, v.Files, v.Gmem)), Errno.EINVAL),
        new("1, pread", All, v => v.Call(c => ReadWrite.KsysPread64(c, v.Files, v.Gmem)), Errno.ESPIPE),
        new("1, pwrite", All, v => v.Call(c => ReadWrite.KsysPwrite64(c, v.Files, v.Gmem)), Errno.ESPIPE),
        new("2, no flag", All, v => v.Map(4).Errno, Errno.ENODEV),
        new("2, no flag, private", All, v => v.Map(4, isShared: false).Errno, Errno.ENODEV),
        new("2, INIT_SHARED alone", Mappable, v => v.Map(4).Errno, Errno.ENODEV) { Kind = GuestMemfdKind.InitShared },
        new("2, private", Mappable, v => v.Map(4, isShared: false).Errno, Errno.EINVAL) { Kind = GuestMemfdKind.Mmap },
        new("2, private, read only", Mappable, v => v.Map(4, Prot.Read, isShared: false).Errno, Errno.EINVAL) { Kind = GuestMemfdKind.Mmap },
        new("2, shared", Mappable, v => v.Map(4).Errno, Errno.None) { Kind = GuestMemfdKind.Mmap },
        new("2, exec", Mappable, v => v.Map(4, Prot.Read | Prot.Exec).Errno, Errno.EPERM) { Kind = GuestMemfdKind.Mmap },
        new("2, exec later", Mappable, ExecLater, Errno.EACCES) { Kind = GuestMemfdKind.Mmap },
        new("3", All, Stat, Errno.None),
        new("4", All, v => v.Allocate(0, S), Errno.None),
        new("5", All, v => v.Punch(P - 1, P), Errno.EINVAL),
        new("6", All, v => v.Allocate(S, P), Errno.EINVAL),
        new("7", All, v => v.Allocate(S + P, P), Errno.EINVAL),
        new("7, straddling", All, v => v.Allocate(S - P, 2 * P), Errno.EINVAL),
        new("8", All, v => v.Punch(S, P), Errno.None),
        new("9", All, v => v.Punch(S + P, P), Errno.None),
        new("9, straddling", All, v => v.Punch(S - P, 4 * P), Errno.None),
        new("10", All, v => v.Punch(P, P - 1), Errno.EINVAL),
        new("11", All, v => v.Punch(P, P), Errno.None),
        new("12", All, v => v.Allocate(P, P), Errno.None),
        new("13", All, v => v.Punch(0, 1), Errno.EINVAL),
        new("14", All, v => v.Punch(0, P - 1), Errno.EINVAL),
        new("15", All, v => v.Punch(0, P + 1), Errno.EINVAL),
        new("16", All, v => v.Punch(1, 1), Errno.EINVAL),
        new("17", All, v => v.Punch(1, P - 1), Errno.EINVAL),
        new("18", All, v => v.Punch(1, P), Errno.EINVAL),
        new("19", All, v => v.Punch(1, P + 1), Errno.EINVAL),
        new("21", All, v => v.Punch(P, P - 1), Errno.EINVAL),
        new("22", All, v => v.Punch(P, P + 1), Errno.EINVAL),
        new("23, each size below a page", All, v => Only(Enumerable.Range(0, (int)P).Select(size => v.Create(size))), Errno.EINVAL),
        new("23, 2^63", All, v => v.Create(long.MinValue), Errno.EINVAL),
        new("23, 2^62", All, v => v.Create(1L << 62), Errno.None),
        new("23, 2^63 - 4096", All, v => v.Create(long.MaxValue - P + 1), Errno.None),
        new("24, each bit", NotMappable, v => Only(Enumerable.Range(0, 64).Select(bit => v.Create(P, 1ul << bit))), Errno.EINVAL),
        new("24, MMAP", Mappable, v => v.Create(P, 1), Errno.None),
        new("24, INIT_SHARED, no private memory", Mappable, v => v.Create(P, 2), Errno.None) { Type = VmType.Default },
        new("24, INIT_SHARED, private memory", Mappable, v => v.Create(P, 2), Errno.EINVAL),
        new("24, each other bit", Mappable, v => Only(Enumerable.Range(2, 62).Select(bit => v.Create(P, 1ul << bit))), Errno.EINVAL),
        new("25", All, TwoFiles, Errno.None),
        new("26", Mappable, v => BeyondTheEnd(v, 16), Errno.None) { Kind = Shared, Type = VmType.Default },
        new("27", Mappable, PunchMapped, Errno.None) { Kind = Shared, Type = VmType.Default },
        new("28", Mappable, NotShared, Errno.None) { Kind = GuestMemfdKind.Mmap },
        new("31, MADV_DONTNEED", Mappable, DontNeed, Errno.None) { Kind = Shared, Type = VmType.Default },
        new("32, mode 0", All, v => v.Fallocate(FallocMode.None, 0, P), Errno.EOPNOTSUPP),
        new("32, KEEP and ZERO_RANGE", All, v => v.Fallocate(FallocMode.KeepSize | FallocMode.ZeroRange, 0, P), Errno.EOPNOTSUPP),
        new("32, ZERO_RANGE", All, v => v.Fallocate(FallocMode.ZeroRange, 0, P), Errno.EOPNOTSUPP),
        new("32, COLLAPSE_RANGE", All, v => v.Fallocate(FallocMode.CollapseRange, 0, P), Errno.EOPNOTSUPP),
        new("32, KEEP and COLLAPSE_RANGE", All, v => v.Fallocate(FallocMode.KeepSize | FallocMode.CollapseRange, 0, P), Errno.EOPNOTSUPP),
        new("32, PUNCH_HOLE alone", All, v => v.Fallocate(FallocMode.PunchHole, 0, P), Errno.EOPNOTSUPP),
        new("32, KEEP and UNSHARE_RANGE", All, v => v.Fallocate(FallocMode.KeepSize | FallocMode.UnshareRange, 0, P), Errno.EOPNOTSUPP),
        new("33", All, v => v.Call(c => ReadWrite.NotifyChange(c, v.Files, v.Gmem)), Errno.EINVAL),
        new("35, KVM fd", All, v => v.SetRegion(Gmem, Address, P, v.KvmFd), Errno.EINVAL),
        new("35, VM fd", All, v => v.SetRegion(Gmem, Address, P, v.VmFd), Errno.EINVAL),
        new("35, memfd", All, v => v.SetRegion(Gmem, Address, P, v.Memfd), Errno.EINVAL),
        new("35, another VM's gmem", All, v => v.SetRegion(Gmem, Address, P, v.OtherVmsGmem), Errno.EINVAL),
        new("35, -1", All, v => v.SetRegion(Gmem, Address, P, -1), Errno.EBADF),
        new("35, not open", All, v => v.SetRegion(Gmem, Address, P, 12), Errno.EBADF),
        new("36", All, v => Only(Enumerable.Range(1, (int)P - 1).Select(offset => v.SetRegion(Gmem, Address, P, 0, (ulong)offset))), Errno.EINVAL),
        new("37, beyond the end", All, v => v.SetRegion(Gmem, Address, 2 * P, 0, 3 * P), Errno.EINVAL),
        new("37, at the end", All, v => v.SetRegion(Gmem, Address, P, 0, S), Errno.EINVAL),
        new("37, -4096", All, v => v.SetRegion(Gmem, Address, P, 0, unchecked(0ul - P)), Errno.EINVAL),
        new("37, up to the end", All, v => v.SetRegion(Gmem, Address, 2 * P, 0, 2 * P), Errno.None),
        new("38", All, v => v.SetRegion(Gmem | KvmMem.LogDirtyPages, Address, P, 0), Errno.EINVAL),
        new("39", All, v => v.SetRegion(Gmem | KvmMem.Readonly, Address, P, 0), Errno.EINVAL),
        new("40, v1 with GUEST_MEMFD", All, v => v.SetRegionV1(Gmem), Errno.EINVAL),
        new("40, v1 with bit 3", All, v => v.SetRegionV1((KvmMem)(1 << 3)), Errno.EINVAL),
        new("40, v1", All, v => v.SetRegionV1(KvmMem.LogDirtyPages), Errno.None),
        new("40, v2 with bit 3", All, v => v.SetRegion((KvmMem)(1 << 3), Address, P), Errno.EINVAL),
        new("40, v2 with bit 16", All, v => v.SetRegion(KvmMem.Invalid, Address, P), Errno.EINVAL),
        new("40, v2 with bit 17", All, v => v.SetRegion(KvmMem.GmemOnly, Address, P), Errno.EINVAL),
        new("41, 32764", All, v => v.SetRegion(KvmMem.None, Address, P, slot: 32764), Errno.EINVAL),
        new("41, 32767", All, v => v.SetRegion(KvmMem.None, Address, P, slot: 32767), Errno.EINVAL),
        new("41, 32763", All, v => v.SetRegion(KvmMem.None, Address, P, slot: 32763), Errno.None),
        new("41, address space 1", All, v => v.SetRegion(KvmMem.None, Address, P, slot: 1 << 16), Errno.EINVAL) { Type = VmType.Default },
        new("42, size", All, v => v.SetRegion(KvmMem.None, Address, P + 1), Errno.EINVAL),
        new("42, gpa", All, v => v.SetRegion(KvmMem.None, Address + 1, P), Errno.EINVAL),
        new("42, hva", All, v => v.SetRegion(KvmMem.None, Address, P, user: 1), Errno.EINVAL),
        new("42, kernel address", All, v => v.SetRegion(KvmMem.None, Address, P, user: 1ul << 63), Errno.EINVAL),
        new("42, gpa that wraps", All, v => v.SetRegion(KvmMem.None, unchecked(0ul - P), 2 * P), Errno.EINVAL),
        new("42, gpa 2^52", All, v => v.SetRegion(KvmMem.None, 1ul << 52, P), Errno.EINVAL),
        new("42, 2^31 pages", All, v => v.SetRegion(KvmMem.None, 0, (ulong)P << 31), Errno.EINVAL),
        new("43", All, v => After(v.Bind(), v.SetRegion(KvmMem.None, Address + P, P, slot: 1)), Errno.EEXIST),
        new("45, moved", All, v => After(v.Bind(), v.SetRegion(Gmem, Address + (4 * P), 2 * P, 0)), Errno.EINVAL),
        new("45, flags 0", ["6.12", "6.18", "7.0", "7.2"], v => After(v.Bind(), v.SetRegion(KvmMem.None, Address, 2 * P)), Errno.EINVAL),
        new("45, identical", All, v => After(v.Bind(), v.SetRegion(Gmem, Address, 2 * P, 0)), Errno.EINVAL),
        new("45, LOG_DIRTY", All, v => After(v.Bind(), v.SetRegion(Gmem | KvmMem.LogDirtyPages, Address, 2 * P, 0)), Errno.EINVAL),
        new("45, other size", All, v => After(v.Bind(), v.SetRegion(Gmem, Address, P, 0)), Errno.EINVAL),
        new("45, delete", All, v => After(v.Bind(), v.SetRegion(Gmem, Address, 0)), Errno.None),
        new("45, delete again", All, v => After(v.Bind(), v.SetRegion(Gmem, Address, 0), v.SetRegion(Gmem, Address, 0)), Errno.EINVAL),
        new("45, plain: add GUEST_MEMFD", All, v => Plain(v, Gmem, Address, 2 * P), Errno.EINVAL),
        new("45, plain: LOG_DIRTY", All, v => Plain(v, KvmMem.LogDirtyPages, Address, 2 * P), Errno.None),
        new("45, plain: READONLY", All, v => Plain(v, KvmMem.Readonly, Address, 2 * P), Errno.EINVAL),
        new("45, plain: move", All, v => Plain(v, KvmMem.None, Address + (4 * P), 2 * P), Errno.None),
        new("45, plain: move onto another", All, v => Plain(v, KvmMem.None, Address + (5 * P), 2 * P), Errno.EEXIST),
        new("45, plain: other hva", All, v => Plain(v, KvmMem.None, Address, 2 * P, P), Errno.EINVAL),
        new("45, plain: identical", All, v => Plain(v, KvmMem.None, Address, 2 * P), Errno.None),
        new("46", All, v => v.SetRegion(Gmem, Address, 0, 0), Errno.EINVAL),
        new("51", All, Convert, Errno.None),
        new("53", All, OddPages, Errno.None),
        new("55", All, v => After(v.Close(v.VmFd), v.Punch(0, S), v.Allocate(0, S)), Errno.None),
        new("57, flags", All, v => v.SetAttributes(Address, P, KvmMemoryAttributes.Private, 1), Errno.EINVAL),
        new("57, attribute", All, v => v.SetAttributes(Address, P, (KvmMemoryAttributes)1), Errno.EINVAL),
        new("57, size 0", All, v => v.SetAttributes(Address, 0, KvmMemoryAttributes.Private), Errno.EINVAL),
        new("57, wrap", All, v => v.SetAttributes(unchecked(0ul - P), 2 * P, KvmMemoryAttributes.Private), Errno.EINVAL),
        new("57, unaligned", All, v => v.SetAttributes(Address + 1, P, KvmMemoryAttributes.Private), Errno.EINVAL),
        new("57, no slots", All, v => v.SetAttributes(Address, P, KvmMemoryAttributes.None), Errno.None),
        new("58", All, v => After(v.Bind(), v.SetRegion(Gmem, Address, 0), v.Touch(First)), Errno.EFAULT),
        new("59", All, v => After(v.SetRegion(KvmMem.None, Address, P), v.Touch(First)), Errno.EFAULT),
        new("70, pinned", Inplace, Pinned, Errno.None) { Kind = Shared },
        new("71", Inplace, HostAccess, Errno.None) { Kind = Shared },
        new("72", Inplace, GuestAccess, Errno.None) { Kind = Shared },
        new("74", Inplace, Again, Errno.None) { Kind = Shared },
        new("75, error_offset", Inplace, v => v.SetAttributes2(0, P, errorOffset: P), Errno.EINVAL) { Kind = Shared },
        new("75, reserved", Inplace, v => v.SetAttributes2(0, P, reserved: 1), Errno.EINVAL) { Kind = Shared },
        new("75, flags", Inplace, v => v.SetAttributes2(0, P, flags: 1), Errno.EINVAL) { Kind = Shared },
        new("75, attribute", Inplace, v => v.SetAttributes2(0, P, kind: (KvmMemoryAttributes)1), Errno.EINVAL) { Kind = Shared },
        new("75, no private memory", Inplace, v => v.SetAttributes2(0, P), Errno.EINVAL) { Kind = Shared, Type = VmType.Default },
        new("75, size 0", Inplace, v => v.SetAttributes2(0, 0), Errno.EINVAL) { Kind = Shared },
        new("75, wrap", Inplace, v => v.SetAttributes2(unchecked(0ul - P), 2 * P), Errno.EINVAL) { Kind = Shared },
        new("75, unaligned offset", Inplace, v => v.SetAttributes2(1, P), Errno.EINVAL) { Kind = Shared },
        new("75, unaligned size", Inplace, v => v.SetAttributes2(0, P + 1), Errno.EINVAL) { Kind = Shared },
        new("75, beyond i_size", Inplace, v => v.SetAttributes2(S - P, 2 * P), Errno.EINVAL) { Kind = Shared },
        new("75, up to i_size", Inplace, v => v.SetAttributes2(0, S), Errno.None) { Kind = Shared },
        new("75, bad pointer", Inplace, v => v.SetAttributes2(null), Errno.EFAULT) { Kind = Shared },
        new("75, not open", Inplace, v => v.SetAttributes2(null, 12), Errno.EBADF),
        new("75, memfd", Inplace, v => v.SetAttributes2(null, v.Memfd), Errno.ENOTTY),
        new("76", All, v => v.SetAttributes2(0, P), Errno.ENOTTY),
        new("76, bad pointer", All, v => v.SetAttributes2(null), Errno.ENOTTY),
        new("76, the other way round", Inplace, v => v.SetAttributes(Address, P, KvmMemoryAttributes.Private), Errno.ENOTTY),
        new("96", All, v => After(v.Bind(), v.Close(v.Gmem), v.Touch(First)), Errno.EFAULT),
        new("97", Mappable, MadviseRemove, Errno.None) { Kind = Shared, Type = VmType.Default },
        new("98, bad mode, no length", All, v => v.Fallocate(FallocMode.ZeroRange, 0, 0), Errno.EINVAL),
        new("98, bad mode, unaligned", All, v => v.Fallocate(FallocMode.ZeroRange, 0, 1), Errno.EOPNOTSUPP),
        new("98, punch, no length", All, v => v.Punch(0, 0), Errno.EINVAL),
        new("98, punch at -4096", All, v => v.Punch(-P, P), Errno.EINVAL),
        new("98, punch that overflows", All, v => v.Punch(long.MaxValue - P + 1, P), Errno.EFBIG),
        new("98, allocate that overflows", All, v => v.Allocate(long.MaxValue - P + 1, P), Errno.EFBIG),
        new("99", All, v => v.Call(c => new Path<Errno>(Open.DoDentryOpen(c, v.File))), Errno.ENXIO),
        new("100", Mappable, OtherProcess, Errno.EIO) { Kind = Shared, Type = VmType.Default },
        new("101", Mappable, CloseMapped, Errno.None) { Kind = Shared, Type = VmType.Default },
        new("102, READONLY", All, v => After(v.Bind(), v.SetRegion(Gmem | KvmMem.Readonly, Address, 0)), Errno.EINVAL),
        new("102, offset", All, v => After(v.Bind(), v.SetRegion(Gmem, Address, 0, 0, 1)), Errno.EINVAL),
        new("103, flags and size", All, v => v.Create(1, 1ul << 40), Errno.EINVAL),
        new("103, bad pointer", All, v => v.Ioctl(new VmIoctl.CreateGuestMemfd(null)).Errno, Errno.EFAULT),
        new("104", All, v => After(v.Bind(), v.SetRegion(Gmem, Address, P, -1, slot: 1)), Errno.EEXIST),
        new("105, fsync", All, v => v.Call(c => ReadWrite.VfsFsync(c, v.Files, v.Gmem)), Errno.EINVAL),
        new("105, fchmod, fchown, futimens", All, v => v.Call(c => ReadWrite.NotifyChange(c, v.Files, v.Gmem)), Errno.EINVAL),
        new("105, lseek", All, v => v.Call(c => ReadWrite.KsysLseek(c, v.Files, v.Gmem)), Errno.ESPIPE),
    ];

    /// <summary>What is not in the table, and why, or which test has it.</summary>
    private static readonly (int[] Numbers, string Why)[] Elsewhere =
    [
        ([29, 30], "memory failure: MemoryFailureTests; 29's return value is that of a later series"),
        ([48], "a slot that moves while a guest writes: MemslotChangeTests"),
        ([49], "zero slots is a matter of shadow paging; many slots show nothing that a few do not"),
        ([52], "what was never converted is shared: AttributesTests.Vector_52"),
        ([56, 95], "interleavings: AttributesTests.Vectors_56_and_95"),
        ([60, 62, 63, 64, 65, 67, 68, 69], "KVM_PRE_FAULT_MEMORY: PrefaultTests; 67 and 68 belong to SNP and TDX"),
        ([77, 78, 79, 80, 81, 83, 84, 85, 87, 88, 89, 90, 91], "the RMP and page state changes: SNP"),
        ([93], "its detail is not known; Stage and the random programs run its kind"),
    ];

    public static TheoryData<string, string> Vectors
    {
        get
        {
            var data = new TheoryData<string, string>();
            foreach (var vector in Table)
            {
                foreach (var kernel in vector.Kernels) data.Add(vector.Number, kernel);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Vectors))]
    public void Vector_is_answered(string number, string kernel)
    {
        var vector = Table.Single(row => row.Number == number);
        var lab = new VectorLab(kernel, vector.Type, vector.Kind);

        Assert.Equal(vector.Expected, vector.Call(lab));
    }

    [Fact]
    public void Every_vector_is_run_or_says_where_it_is()
    {
        int[] gaps = [20, 34, 44, 47, 50, 54, 61, 66, 73, 82, 86, 92, 94];
        var run = Table.Select(row => int.Parse(row.Number.Split(',')[0], System.Globalization.CultureInfo.InvariantCulture));
        var known = run.Concat(Elsewhere.SelectMany(row => row.Numbers)).Concat(gaps).Distinct().Order();

        Assert.Equal(Enumerable.Range(1, 105), known);
        Assert.Empty(run.Intersect(Elsewhere.SelectMany(row => row.Numbers)));
        Assert.Equal(Table.Length, Table.Select(row => row.Number).Distinct().Count());
    }

    private static Errno Only(IEnumerable<Errno> errnos) => Assert.Single(errnos.Distinct());

    // All but the last are what leads to it.
    private static Errno After(params Errno[] errnos)
    {
        Assert.Equal(Errno.None, errnos[0]);
        return errnos[^1];
    }

    private static Errno Stat(VectorLab lab)
    {
        lab.Allocate(0, S);
        var stat = lab.Call(current => ReadWrite.VfsFstat(current, lab.Files, lab.Gmem));
        Assert.Equal(((ulong)S, 4096, 0ul, 0x8180, 1), (stat.Value.Size, Kstat.Blksize, Kstat.Blocks, Kstat.Mode, Kstat.Nlink));
        return stat.Errno;
    }

    private static Errno ExecLater(VectorLab lab)
    {
        var vma = lab.Map(4).Value;
        return lab.Call(current => Mmap.DoMprotectPkey(current, vma, Prot.Read | Prot.Exec));
    }

    private static Errno TwoFiles(VectorLab lab)
    {
        var (one, two) = (lab.Ioctl(new VmIoctl.CreateGuestMemfd(new(P))), lab.Ioctl(new VmIoctl.CreateGuestMemfd(new(2 * P))));
        var (first, second) = (Fstat(lab, one.Value), Fstat(lab, two.Value));
        Assert.Equal(((ulong)P, 2ul * P), (first.Size, second.Size));
        Assert.NotEqual(first.Ino, second.Ino);
        return two.Errno;
    }

    private static Kstat Fstat(VectorLab lab, int fd) => lab.Call(current => ReadWrite.VfsFstat(current, lab.Files, fd)).Value;

    private static Errno BeyondTheEnd(VectorLab lab, ulong pages)
    {
        var vma = lab.Map(pages).Value;
        UserSignal[] expected = [.. Enumerable.Range(0, (int)pages).Select(page => page < 4 ? UserSignal.None : UserSignal.Sigbus)];
        Assert.Equal(expected, Enumerable.Range(0, (int)pages).Select(page => lab.Use(vma, (ulong)page)));
        return Errno.None;
    }

    private static Errno PunchMapped(VectorLab lab)
    {
        var vma = lab.Map(4).Value;
        lab.Use(vma, 0);
        lab.Use(vma, 1);
        var errno = lab.Punch(0, P);
        Assert.Null(vma.Ptes[0]);
        Assert.NotNull(vma.Ptes[1]);
        Assert.Equal(UserSignal.None, lab.Use(vma, 0));
        return errno;
    }

    private static Errno NotShared(VectorLab lab)
    {
        var vma = lab.Map(4).Value;
        Assert.Equal(UserSignal.Sigbus, lab.Use(vma, 0));
        var errno = lab.Allocate(0, S);
        Assert.Equal(UserSignal.Sigbus, lab.Use(vma, 0));
        return errno;
    }

    private static Errno DontNeed(VectorLab lab)
    {
        var vma = lab.Map(4).Value;
        lab.Use(vma, 0);
        lab.Call(async current =>
        {
            await Madvise.MadviseDontneedFile(current, vma, vma.Pages);
            return Errno.None;
        });
        Assert.Equal(1, lab.Stage.Memory.CountOf(lab.File.Inode));
        Assert.Equal(UserSignal.None, lab.Use(vma, 0));
        return Errno.None;
    }

    private static Errno MadviseRemove(VectorLab lab)
    {
        var vma = lab.Map(4).Value;
        lab.Use(vma, 0);
        lab.Use(vma, 1);
        var errno = lab.Call(current => Madvise.MadviseRemove(current, vma, PageRange.Of(vma.Pages.Start.Value, 1)));
        Assert.Equal(1, lab.Stage.Memory.CountOf(lab.File.Inode));
        return errno;
    }

    private static Errno OtherProcess(VectorLab lab)
    {
        var child = lab.Stage.Fork("child");
        var vma = lab.Call(current => Mmap.KsysMmapPgoff(current, child, lab.Gmem, new(0), 4)).Value;
        Assert.Equal(UserSignal.None, lab.Use(vma, 0));
        Assert.Equal(Errno.None, lab.Call(current => Open.KsysFallocate(
            current, child.Files, lab.Gmem, FallocMode.KeepSize | FallocMode.PunchHole, 0, P)));
        return lab.Call(current => KvmMain.KvmVmIoctl(current, child, lab.Vm, new VmIoctl.CreateGuestMemfd(new(P)))).Errno;
    }

    private static Errno CloseMapped(VectorLab lab)
    {
        var vma = lab.Map(4).Value;
        lab.Use(vma, 0);
        Assert.Equal(Errno.None, lab.Bind());
        var errno = lab.Close(lab.Gmem);
        Assert.Equal(UserSignal.None, lab.Use(vma, 0));
        Assert.Single(lab.File.Bindings);
        return errno;
    }

    private static Errno Pinned(VectorLab lab)
    {
        var vma = lab.Map(4).Value;
        var attrs = new KvmMemoryAttributes2(P, S - P, KvmMemoryAttributes.Private);
        Assert.Equal(Errno.EAGAIN, lab.Call(ConvertPinned));
        Assert.Equal(2ul * P, attrs.ErrorOffset);
        Assert.True(lab.File.Inode.Attributes.AreAll(PageRange.Of(0, 4), KvmMemoryAttributes.None));
        return lab.SetAttributes2(P, S - P);

        async Path<Errno> ConvertPinned(KernelTask current)
        {
            var pin = await Gup.GetUserPagesFast(current, vma.Mm, vma.Pages.Start.Value + 2);
            var errno = await Ioctl.SetMemoryAttributes2(current, lab.Files, lab.Gmem, attrs);
            await Swap.PutPage(current, vma.Mm, pin!.Value);
            return errno;
        }
    }

    private static Errno HostAccess(VectorLab lab)
    {
        var vma = lab.Map(4).Value;
        Assert.Equal(UserSignal.None, lab.Use(vma, 0));
        var before = vma.Ptes[0];
        Assert.Equal(Errno.None, lab.SetAttributes2(0, P));
        Assert.Null(vma.Ptes[0]);
        Assert.Equal(UserSignal.Sigbus, lab.Use(vma, 0));
        Assert.Equal(UserSignal.None, lab.Use(vma, 1));
        var errno = lab.SetAttributes2(0, P, kind: KvmMemoryAttributes.None);
        Assert.Equal(UserSignal.None, lab.Use(vma, 0));
        Assert.Equal(before, vma.Ptes[0]);
        return errno;
    }

    private static Errno GuestAccess(VectorLab lab)
    {
        Assert.Equal(Errno.None, lab.Bind());
        Assert.Equal(Errno.None, lab.Touch(Access.Shared(First)));
        var before = lab.Vm.Maps(First);
        Assert.Equal(Errno.None, lab.SetAttributes2(0, P));
        Assert.Null(lab.Vm.Maps(First));
        var errno = lab.Touch(First);
        Assert.Equal(before, lab.Vm.Maps(First));
        return errno;
    }

    private static Errno Again(VectorLab lab)
    {
        Assert.Equal(Errno.None, lab.Bind());
        Assert.Equal(Errno.None, lab.SetAttributes2(0, P));
        Assert.Equal(Errno.None, lab.Touch(First));
        var errno = lab.SetAttributes2(0, P);
        Assert.NotNull(lab.Vm.Maps(First));
        return errno;
    }

    private static Errno Convert(VectorLab lab)
    {
        Assert.Equal(Errno.None, lab.Bind());
        Assert.Equal(Errno.None, lab.Touch(First));
        var before = lab.Vm.Maps(First);
        lab.SetAttributes(Address, P, KvmMemoryAttributes.None);
        Assert.Equal(Errno.None, lab.Touch(Access.Shared(First)));
        Assert.NotEqual(before, lab.Vm.Maps(First));
        lab.SetAttributes(Address, P, KvmMemoryAttributes.Private);
        var errno = lab.Touch(First);
        Assert.Equal(before, lab.Vm.Maps(First));
        return errno;
    }

    private static Errno OddPages(VectorLab lab)
    {
        Assert.Equal(Errno.None, lab.Bind());
        lab.SetAttributes(Address, 2 * P, KvmMemoryAttributes.None);
        lab.SetAttributes(Address + P, P, KvmMemoryAttributes.Private);
        return lab.Touch(Access.Shared(First), First + 1);
    }

    private static Errno Plain(VectorLab lab, KvmMem flags, ulong address, ulong size, ulong user = 0)
    {
        Assert.Equal(Errno.None, lab.SetRegion(KvmMem.None, Address, 2 * P));
        Assert.Equal(Errno.None, lab.SetRegion(KvmMem.None, Address + (6 * P), P, slot: 1));
        return lab.SetRegion(flags, address, size, (flags & Gmem) != 0 ? 0 : -1, user: user);
    }

    private sealed record Vector(string Number, string[] Kernels, Func<VectorLab, Errno> Call, Errno Expected)
    {
        internal VmType Type { get; init; } = VmType.SwProtected;

        internal GuestMemfdKind Kind { get; init; }
    }
}
