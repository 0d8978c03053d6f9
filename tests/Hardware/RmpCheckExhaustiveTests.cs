using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

/// <summary>The access check against the table written once more, as a list of what can fail, in its order of priority.</summary>
public class RmpCheckExhaustiveTests
{
    private static readonly (string Name, Func<RmpAccess, RmpView, bool> Fails, string Outcome)[] Private =
    [
        ("BUSY", (_, e) => e.IsEdited, "npf"),
        ("COV", (_, e) => !e.Covered, "npf"),
        ("OWN", (a, e) => !e.Assigned || a.Context.Asid != e.Asid, "npf"),
        ("REV", (a, e) => a.Gfn != e.Gfn, "npf"),
        ("MUT", (_, e) => e.Immutable, "npf"),
        ("PSZ, 4K over 2M", (a, e) => a.Level == PageLevel.Level4K && e.Level != PageLevel.Level4K, "npf, maybe sizem"),
        ("PSZ, 2M over 4K", (a, e) => a.Level != PageLevel.Level4K && e.Level == PageLevel.Level4K, "npf"),
        ("VAL", (_, e) => !e.Validated, "vc"),
        ("PERM R", (a, e) => a.Kind != AccessKind.Execute && !e.Permissions.HasFlag(VmplPermissions.Read), "npf vmpl"),
        ("PERM W", (a, e) => a.Kind == AccessKind.Write && !e.Permissions.HasFlag(VmplPermissions.Write), "npf vmpl"),
        ("PERM XU", (a, e) => Fetches(a, user: true) && !e.Permissions.HasFlag(VmplPermissions.ExecuteUser), "npf vmpl"),
        ("PERM XS", (a, e) => Fetches(a, user: false) && !e.Permissions.HasFlag(VmplPermissions.ExecuteSupervisor), "npf vmpl"),
    ];

    [Fact]
    public void The_check_agrees_with_the_table_for_every_combination_of_its_inputs()
    {
        var (compared, granted) = (0, 0);
        foreach (var options in new[] { new MachineOptions { SizemOnNptMismatch = true }, new MachineOptions() })
        {
            foreach (var access in Accesses())
            {
                foreach (var entry in Entries())
                {
                    var (actual, expected) = (RmpCheck.Of(access, entry, options), Expected(access, entry, options));
                    if (actual != expected) Assert.Fail($"{access}, {entry}: {actual}, not {expected}");
                    compared++;
                    if (!actual.IsFault) granted++;
                }
            }
        }

        Assert.Equal(2 * 216 * 8192, compared);
        Assert.Equal(1_861_216, granted);
    }

    private static Fault Expected(RmpAccess access, RmpView entry, MachineOptions options) => access.By switch
    {
        Accessor.Host => Outcome(access, options, HostWriteFails(access, entry) ? "pf" : ""),
        Accessor.LegacyGuest => Outcome(access, options, SharedWriteFails(access, entry) ? "npf" : ""),
        _ when !access.Encrypted && !access.IsPageWalk && access.Kind != AccessKind.Execute =>
            Outcome(access, options, SharedWriteFails(access, entry) ? "npf" : ""),
        _ => Outcome(access, options, Private.FirstOrDefault(check => check.Fails(access, entry)).Outcome ?? "", encrypted: true),
    };

    private static bool Fetches(RmpAccess access, bool user) => access.Kind == AccessKind.Execute && access.User == user;

    private static bool SharedWriteFails(RmpAccess access, RmpView entry) =>
        access.Kind == AccessKind.Write && (entry.IsEdited || entry.Assigned);

    private static bool HostWriteFails(RmpAccess access, RmpView entry) =>
        SharedWriteFails(access, entry) ||
        (access.Kind == AccessKind.Write && access.Level >= PageLevel.Level2M && entry.RegionAssigned);

    private static Fault Outcome(RmpAccess access, MachineOptions options, string outcome, bool encrypted = false)
    {
        if (outcome.Length == 0) return Fault.None;
        if (outcome == "vc") return new(FaultKind.PageNotValidated);
        var bits = (1ul << 0) | (1ul << 31);
        bits |= access.Kind == AccessKind.Write ? 1ul << 1 : 0;
        bits |= access.User ? 1ul << 2 : 0;
        bits |= access.Kind == AccessKind.Execute ? 1ul << 4 : 0;
        if (outcome == "pf") return new(FaultKind.PageFault, (PageFaultError)bits);
        bits |= access.IsPageWalk ? 1ul << 33 : 1ul << 32;
        bits |= encrypted ? 1ul << 34 : 0;
        bits |= outcome == "npf, maybe sizem" && options.SizemOnNptMismatch ? 1ul << 35 : 0;
        bits |= outcome == "npf vmpl" ? 1ul << 36 : 0;
        return new(FaultKind.NestedPageFault, (PageFaultError)bits);
    }

    private static IEnumerable<RmpAccess> Accesses()
    {
        foreach (var by in Enum.GetValues<Accessor>())
        {
            foreach (var kind in Enum.GetValues<AccessKind>())
            {
                foreach (var level in new[] { PageLevel.Level4K, PageLevel.Level2M, PageLevel.Level1G })
                {
                    for (var bits = 0; bits < 8; bits++)
                    {
                        yield return new()
                        {
                            By = by,
                            Kind = kind,
                            Level = level,
                            Gfn = new(7),
                            Context = new(new(5), Vmpl.L1),
                            IsPageWalk = (bits & 1) != 0,
                            Encrypted = (bits & 2) != 0,
                            User = (bits & 4) != 0,
                        };
                    }
                }
            }
        }
    }

    private static IEnumerable<RmpView> Entries()
    {
        for (var bits = 0; bits < 1 << 13; bits++)
        {
            yield return new()
            {
                Covered = (bits & 1) != 0,
                Assigned = (bits & 2) != 0,
                Asid = (bits & 4) != 0 ? new(5) : new(6),
                Gfn = (bits & 8) != 0 ? new(7) : new(8),
                Immutable = (bits & 16) != 0,
                Level = (bits & 32) != 0 ? PageLevel.Level2M : PageLevel.Level4K,
                Validated = (bits & 64) != 0,
                RegionAssigned = (bits & 128) != 0,
                IsEdited = (bits & 256) != 0,
                Permissions = (VmplPermissions)(bits >> 9),
            };
        }
    }
}
