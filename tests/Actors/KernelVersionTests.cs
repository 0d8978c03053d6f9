using GmemActors.Actors;

namespace GmemActors.Tests.Actors;

public class KernelVersionTests
{
    [Fact]
    public void Every_bug_that_is_no_what_if_was_in_some_version()
    {
        Assert.All(Bug.All, bug => Assert.Equal(!bug.IsWhatIf, KernelVersion.All.Concat(KernelVersion.WhatIfs).Any(version => version.Has(bug))));
    }

    [Fact]
    public void The_newest_version_has_only_bugs_that_nobody_has_reported()
    {
        Assert.All(KernelVersion.Linux72.Bugs, bug => Assert.StartsWith("O", bug.Id));
    }

    [Fact]
    public void Versions_tell_their_fields_by_the_same_names()
    {
        var names = KernelVersion.Linux68.Fields.Select(field => field.Key);

        Assert.All(KernelVersion.All, version => Assert.Equal(names, version.Fields.Select(field => field.Key)));
        Assert.Contains(KeyValuePair.Create("bind-overlap", "-EEXIST"), KernelVersion.Linux72.Fields);
        Assert.Contains(KeyValuePair.Create("waits-for-rcu", "yes"), KernelVersion.Linux68.Fields);
    }

    [Fact]
    public void A_version_is_found_by_its_name()
    {
        Assert.All(KernelVersion.All, version => Assert.Same(version, KernelVersion.Find(version.Name)));
        Assert.Null(KernelVersion.Find("2.4"));
    }

    [Fact]
    public void A_bug_is_found_by_its_name()
    {
        Assert.All(Bug.All, bug => Assert.Same(bug, Bug.Find(bug.Name)));
        Assert.Null(Bug.Find("none"));
    }

    [Fact]
    public void A_bug_can_be_put_into_any_version()
    {
        var version = KernelVersion.Linux72.With(GuestMemfdBugs.TruncateOutside).With(GuestMemfdBugs.OnlyCallersFile);

        Assert.Equal("7.2+truncate-outside+only-callers-file", version.Name);
        Assert.Equal(
            [GuestMemfdBugs.OnlyCallersFile, GuestMemfdBugs.TruncateOutside, .. KernelVersion.Linux72.Bugs], version.Bugs);
        Assert.Same(version, version.With(GuestMemfdBugs.TruncateOutside));
        Assert.Equal(KernelVersion.Linux72.Fields, version.Fields);
        Assert.DoesNotContain(GuestMemfdBugs.TruncateOutside, KernelVersion.Linux72.Bugs);
    }

    [Fact]
    public void A_bug_can_be_taken_out_of_a_version()
    {
        var version = KernelVersion.Linux612.Without(MmuBugs.PrefaultRetriesInvalidSlot);

        Assert.Equal("6.12-prefault-retries-invalid-slot", version.Name);
        Assert.False(version.Has(MmuBugs.PrefaultRetriesInvalidSlot));
        Assert.Equal(KernelVersion.Linux612.Bugs.Count - 1, version.Bugs.Count);
        Assert.Same(version, version.Without(MmuBugs.PrefaultRetriesInvalidSlot));
    }

    [Fact]
    public void Names_are_unique_and_words_are_joined_by_hyphens()
    {
        Assert.All(Bug.All, bug => Assert.Matches("^[a-z]+(-[a-z]+)*$", bug.Name));
        Assert.Equal(Bug.All.Count, Bug.All.Select(bug => bug.Name).Distinct().Count());
    }
}
