using GmemActors.Engine;
using GmemActors.Reports;
using GmemActors.Tests.Golden;
using GmemActors.Tests.Small;

namespace GmemActors.Tests.Reports;

public class JsonReportTests
{
    [Fact]
    public void Steps_choices_and_finding_are_in_one_document()
    {
        var explorer = new Explorer(SmallModels.Faulty, seed => new RandomWalk(seed));
        var execution = explorer.Replay(explorer.Explore(1, 100).Findings[0].Seed);

        GoldenFile.Check("json-choices.json", JsonReport.Of(execution));
    }

    [Fact]
    public void No_finding_is_null() =>
        Assert.Contains("\"finding\": null", JsonReport.Of(new Explorer(SmallModels.Locked, seed => new RandomWalk(seed)).Replay(1)));
}
