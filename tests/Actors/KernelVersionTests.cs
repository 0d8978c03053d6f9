using GmemActors.Actors;

namespace GmemActors.Tests.Actors;

public class KernelVersionTests
{
    [Fact]
    public void Every_bug_that_is_no_what_if_was_in_some_version_and_none_is_in_the_newest()
    {
        Assert.All(Bug.All, bug => Assert.Equal(!bug.IsWhatIf, KernelVersion.All.Any(version => version.Has(bug))));
        Assert.Empty(KernelVersion.Linux72.Bugs);
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
        Assert.Equal([GuestMemfdBugs.OnlyCallersFile, GuestMemfdBugs.TruncateOutside], version.Bugs);
        Assert.Same(version, version.With(GuestMemfdBugs.TruncateOutside));
        Assert.Equal(KernelVersion.Linux72.Fields, version.Fields);
        Assert.Empty(KernelVersion.Linux72.Bugs);
    }

    [Fact]
    public void Names_are_unique_and_words_are_joined_by_hyphens()
    {
        Assert.All(Bug.All, bug => Assert.Matches("^[a-z]+(-[a-z]+)*$", bug.Name));
        Assert.Equal(Bug.All.Count, Bug.All.Select(bug => bug.Name).Distinct().Count());
    }
}
