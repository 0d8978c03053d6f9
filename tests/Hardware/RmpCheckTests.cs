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
        Pf(Host with { Kind = AccessKind.Write }, GuestOwned, Error.Write);
    }

    [Theory]
    [InlineData(PageLevel.Level2M)]
    [InlineData(PageLevel.Level1G)]
    public void A_host_write_through_a_large_mapping_needs_every_page_of_the_2M_unassigned(PageLevel level)
    {
        var write = Host with { Kind = AccessKind.Write, Level = level };

        Granted(write, HostOwned);
        Pf(write, HostOwned with { RegionAssigned = true }, Error.Write);
        Granted(write with { Level = PageLevel.Level4K }, HostOwned with { RegionAssigned = true });
    }

    [Fact]
    public void A_host_write_to_the_firmwares_page_is_refused() =>
        Pf(
            Host with { Kind = AccessKind.Write },
            HostOwned with { Assigned = true, Immutable = true },
            Error.Write);

    [Fact]
    public void Memory_that_the_rmp_does_not_cover_is_the_hosts() => Granted(Host with { Kind = AccessKind.Write }, default);

    [Fact]
    public void A_legacy_guest_writes_only_what_is_the_hypervisors()
    {
        Granted(Legacy with { Kind = AccessKind.Read }, GuestOwned);
        Granted(Legacy with { Kind = AccessKind.Write }, HostOwned);
        Npf(Legacy with { Kind = AccessKind.Write }, GuestOwned, Error.Write | Error.Final);
    }

    [Fact]
    public void A_shared_read_of_an_snp_guest_is_never_refused() =>
        Granted(Snp with { Encrypted = false }, GuestOwned with { Asid = new(6) });

    [Fact]
    public void Vector_80_a_shared_write_to_a_private_page_is_refused_without_ENC() =>
        Npf(Snp with { Encrypted = false, Kind = AccessKind.Write }, GuestOwned, Error.Write | Error.Final);

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
        Npf(Snp, entry, Error.Enc | Error.Final);
        Npf(Snp with { Kind = AccessKind.Write }, entry, Error.Write | Error.Enc | Error.Final);
        Npf(Snp with { Kind = AccessKind.Execute, User = true }, entry, Error.Instr | Error.User | Error.Enc | Error.Final);
        Npf(Snp with { IsPageWalk = true, Encrypted = false }, entry, Error.Enc | Error.Page);
    }

    [Fact]
    public void A_private_access_to_a_page_that_is_not_validated_raises_VC() =>
        Refused(Snp, GuestOwned with { Validated = false }, FaultKind.PageNotValidated, Error.None);

    [Fact]
    public void A_private_access_that_the_vmpl_may_not_make_is_a_nested_fault_with_VMPL() =>
        Npf(Snp, GuestOwned with { Permissions = VmplPermissions.None }, Error.Enc | Error.Final | Error.Vmpl);

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

        Npf(Snp, nothingRight, Error.Enc | Error.Final);
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
        Granted(Snp with { Level = PageLevel.Level1G }, GuestOwned with { Level = PageLevel.Level2M });
    }

    [Fact]
    public void An_entry_that_is_being_edited_refuses_what_looks_at_it_and_nothing_else()
    {
        var edited = GuestOwned with { IsEdited = true };

        Npf(Snp, edited, Error.Enc | Error.Final);
        Pf(Host with { Kind = AccessKind.Write }, HostOwned with { IsEdited = true }, Error.Write);
        Granted(Host, edited);
        Granted(Snp with { Encrypted = false }, edited);
    }

    private static Fault Check(RmpAccess access, RmpView entry, MachineOptions? options = null) =>
        RmpCheck.Of(access, entry, options ?? MachineOptions.Default);

    private static void Granted(RmpAccess access, RmpView entry) => Assert.Equal(Fault.None, Check(access, entry));

    // An RMP fault of the host: always present, always with the RMP bit.
    private static void Pf(RmpAccess access, RmpView entry, Error more) =>
        Refused(access, entry, FaultKind.PageFault, Error.Present | Error.Rmp | more);

    private static void Npf(RmpAccess access, RmpView entry, Error more) =>
        Refused(access, entry, FaultKind.NestedPageFault, Error.Present | Error.Rmp | more);

    private static void Refused(RmpAccess access, RmpView entry, FaultKind kind, Error error) =>
        Assert.Equal(new Fault(kind, error), Check(access, entry));
}
