using GmemActors.Actors;

namespace GmemActors.Tests.Actors;

public class KernelVersionTests
{
    [Fact]
    public void The_first_gmem_has_every_bug_and_the_first_release_none()
    {
        Assert.Equal(Bug.All, KernelVersion.GmemV12.Bugs);
        Assert.Empty(KernelVersion.Linux68.Bugs);
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
        var version = KernelVersion.Linux68.With(Bug.TruncateOutside).With(Bug.OnlyCallersFile);

        Assert.Equal("6.8+truncate-outside+only-callers-file", version.Name);
        Assert.Equal([Bug.OnlyCallersFile, Bug.TruncateOutside], version.Bugs);
        Assert.Same(version, version.With(Bug.TruncateOutside));
        Assert.Empty(KernelVersion.Linux68.Bugs);
    }

    [Fact]
    public void Names_are_unique_and_words_are_joined_by_hyphens()
    {
        Assert.All(Bug.All, bug => Assert.Matches("^[a-z]+(-[a-z]+)*$", bug.Name));
        Assert.Equal(Bug.All.Count, Bug.All.Select(bug => bug.Name).Distinct().Count());
        Assert.Equal(Bug.All.Count, Bug.All.Select(bug => bug.Mask).Distinct().Count());
    }
}
