using GmemActors.Hardware;
using Error = GmemActors.Hardware.PageFaultError;

namespace GmemActors.Tests.Hardware;

public class RmpCheckTests
{
    private static readonly RmpView HostOwned = new() { Covered = true, Level = PageLevel.Level4K };

    private static readonly RmpView GuestOwned = new()
    {
        Covered = true,
        Assigned = true,
        Asid = new(5),
        Gfn = new(7),
        Level = PageLevel.Level4K,
        Validated = true,
        Permissions = VmplPermissions.All,
        RegionAssigned = true,
    };

    private static readonly RmpAccess Host = new() { By = Accessor.Host, Level = PageLevel.Level4K };

    private static readonly RmpAccess Snp = new()
    {
        By = Accessor.SnpGuest,
        Level = PageLevel.Level4K,
        Gfn = new(7),
        Encrypted = true,
        Context = new(new(5), Vmpl.L0),
    };

    private static readonly RmpAccess Legacy = Host with { By = Accessor.LegacyGuest };

    [Theory]
    [InlineData(AccessKind.Read)]
    [InlineData(AccessKind.Execute)]
    public void A_host_read_or_fetch_is_never_refused(AccessKind kind) => Granted(Host with { Kind = kind }, GuestOwned);

    [Fact]
    public void Vector_89_a_host_write_to_an_assigned_page_is_a_page_fault_with_the_rmp_bit()
    {
        Granted(Host with { Kind = AccessKind.Write }, HostOwned);
        Refused(Host with { Kind = AccessKind.Write }, GuestOwned, FaultKind.PageFault, Error.Present | Error.Write | Error.Rmp);
    }

    [Theory]
    [InlineData(PageLevel.Level2M)]
    [InlineData(PageLevel.Level1G)]
    public void A_host_write_through_a_large_mapping_needs_every_page_of_the_2M_unassigned(PageLevel level)
    {
        var write = Host with { Kind = AccessKind.Write, Level = level };

        Granted(write, HostOwned);
        Refused(write, HostOwned with { RegionAssigned = true }, FaultKind.PageFault, Error.Present | Error.Write | Error.Rmp);
        Granted(write with { Level = PageLevel.Level4K }, HostOwned with { RegionAssigned = true });
    }

    [Fact]
    public void A_host_write_to_the_firmwares_page_is_refused() =>
        Refused(
            Host with { Kind = AccessKind.Write },
            HostOwned with { Assigned = true, Immutable = true },
            FaultKind.PageFault,
            Error.Present | Error.Write | Error.Rmp);

    [Fact]
    public void Memory_that_the_rmp_does_not_cover_is_the_hosts() => Granted(Host with { Kind = AccessKind.Write }, default);

    [Fact]
    public void A_legacy_guest_writes_only_what_is_the_hypervisors()
    {
        Granted(Legacy with { Kind = AccessKind.Read }, GuestOwned);
        Granted(Legacy with { Kind = AccessKind.Write }, HostOwned);
        Refused(Legacy with { Kind = AccessKind.Write }, GuestOwned, FaultKind.NestedPageFault, Error.Present | Error.Write | Error.Rmp | Error.Final);
    }

    [Fact]
    public void A_shared_read_of_an_snp_guest_is_never_refused() => Granted(Snp with { Encrypted = false }, GuestOwned with { Asid = new(6) });

    [Fact]
    public void Vector_80_a_shared_write_to_a_private_page_is_refused_without_ENC() =>
        Refused(Snp with { Encrypted = false, Kind = AccessKind.Write }, GuestOwned, FaultKind.NestedPageFault, Error.Present | Error.Write | Error.Rmp | Error.Final);

    [Fact]
    public void A_shared_write_to_a_page_of_the_hypervisor_is_granted() =>
        Granted(Snp with { Encrypted = false, Kind = AccessKind.Write }, HostOwned);

    public static TheoryData<string, RmpView> OwnershipChecks => new()
    {
        { "COV", GuestOwned with { Covered = false } },
        { "OWN, the hypervisor's", HostOwned },
        { "OWN, another guest's", GuestOwned with { Asid = new(6) } },
        { "REV", GuestOwned with { Gfn = new(8) } },
        { "MUT", GuestOwned with { Immutable = true } },
        { "PSZ", GuestOwned with { Level = PageLevel.Level2M } },
    };

    [Theory]
    [MemberData(nameof(OwnershipChecks))]
    public void A_private_access_that_fails_an_rmp_check_is_a_nested_fault_with_ENC(string check, RmpView entry)
    {
        Assert.NotEmpty(check);
        Refused(Snp, entry, FaultKind.NestedPageFault, Error.Present | Error.Rmp | Error.Enc | Error.Final);
        Refused(Snp with { Kind = AccessKind.Write }, entry, FaultKind.NestedPageFault, Error.Present | Error.Write | Error.Rmp | Error.Enc | Error.Final);
        Refused(Snp with { Kind = AccessKind.Execute, User = true }, entry, FaultKind.NestedPageFault, Error.Present | Error.Instr | Error.User | Error.Rmp | Error.Enc | Error.Final);
        Refused(Snp with { IsPageWalk = true, Encrypted = false }, entry, FaultKind.NestedPageFault, Error.Present | Error.Rmp | Error.Enc | Error.Page);
    }

    [Fact]
    public void A_private_access_to_a_page_that_is_not_validated_raises_VC() =>
        Refused(Snp, GuestOwned with { Validated = false }, FaultKind.PageNotValidated, Error.None);

    [Fact]
    public void A_private_access_that_the_vmpl_may_not_make_is_a_nested_fault_with_VMPL() =>
        Refused(Snp, GuestOwned with { Permissions = VmplPermissions.None }, FaultKind.NestedPageFault, Error.Present | Error.Rmp | Error.Enc | Error.Final | Error.Vmpl);

    [Theory]
    [InlineData(AccessKind.Read, false, VmplPermissions.Read)]
    [InlineData(AccessKind.Write, false, VmplPermissions.Read | VmplPermissions.Write)]
    [InlineData(AccessKind.Execute, true, VmplPermissions.ExecuteUser)]
    [InlineData(AccessKind.Execute, false, VmplPermissions.ExecuteSupervisor)]
    public void Each_access_needs_exactly_its_permissions(AccessKind kind, bool user, VmplPermissions needed)
    {
        var access = Snp with { Kind = kind, User = user };

        Granted(access, GuestOwned with { Permissions = needed });
        Assert.True(Check(access, GuestOwned with { Permissions = VmplPermissions.All & ~needed }).IsFault);
    }

    [Fact]
    public void Size_comes_before_validation_and_validation_before_the_vmpl()
    {
        var nothingRight = GuestOwned with { Level = PageLevel.Level2M, Validated = false, Permissions = VmplPermissions.None };

        Refused(Snp, nothingRight, FaultKind.NestedPageFault, Error.Present | Error.Rmp | Error.Enc | Error.Final);
        Refused(Snp, nothingRight with { Level = PageLevel.Level4K }, FaultKind.PageNotValidated, Error.None);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Vector_90_both_directions_of_a_size_mismatch_fault_and_SIZEM_is_the_machines_choice(bool sizem)
    {
        var options = new MachineOptions { SizemOnNptMismatch = sizem };
        var plain = new Fault(FaultKind.NestedPageFault, Error.Present | Error.Rmp | Error.Enc | Error.Final);
        var reported = new Fault(FaultKind.NestedPageFault, Error.Present | Error.Rmp | Error.Enc | Error.Final | Error.Sizem);

        Assert.Equal(sizem ? reported : plain, Check(Snp, GuestOwned with { Level = PageLevel.Level2M }, options));
        Assert.Equal(plain, Check(Snp with { Level = PageLevel.Level2M }, GuestOwned, options));
        Assert.Equal(plain, Check(Snp with { Level = PageLevel.Level1G }, GuestOwned, options));
        Assert.Equal(Fault.None, Check(Snp with { Level = PageLevel.Level1G }, GuestOwned with { Level = PageLevel.Level2M }, options));
    }

    [Fact]
    public void An_entry_that_is_being_edited_refuses_what_looks_at_it_and_nothing_else()
    {
        var edited = GuestOwned with { IsEdited = true };

        Refused(Snp, edited, FaultKind.NestedPageFault, Error.Present | Error.Rmp | Error.Enc | Error.Final);
        Refused(Host with { Kind = AccessKind.Write }, HostOwned with { IsEdited = true }, FaultKind.PageFault, Error.Present | Error.Write | Error.Rmp);
        Granted(Host, edited);
        Granted(Snp with { Encrypted = false }, edited);
    }

    private static Fault Check(RmpAccess access, RmpView entry, MachineOptions? options = null) =>
        RmpCheck.Of(access, entry, options ?? MachineOptions.Default);

    private static void Granted(RmpAccess access, RmpView entry) => Assert.Equal(Fault.None, Check(access, entry));

    private static void Refused(RmpAccess access, RmpView entry, FaultKind kind, Error error) =>
        Assert.Equal(new Fault(kind, error), Check(access, entry));
}
