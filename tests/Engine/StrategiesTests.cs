using GmemActors.Engine;

namespace GmemActors.Tests.Engine;

public class StrategiesTests
{
    [Fact]
    public void These_are_all()
    {
        Assert.Equal(
            ["portfolio", "random", "pos", "pct[:depth]", "pctcp[:depth]", "surw", "delay[:depth]", "round-robin"],
            Strategies.All.Select(kind => kind.Usage));
    }

    [Fact]
    public void Each_says_in_one_sentence_what_it_does() => Assert.All(Strategies.All, kind =>
    {
        Assert.EndsWith(".", kind.Summary, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', kind.Summary);
    });

    [Theory]
    [InlineData("random", "random")]
    [InlineData("pct", "pct:3")]
    [InlineData("pct:5", "pct:5")]
    [InlineData("pct:007", "pct:7")]
    [InlineData("pctcp:100", "pctcp:100")]
    [InlineData("delay", "delay:2")]
    [InlineData("round-robin", "round-robin")]
    public void A_token_is_read_and_its_canonical_text_is_read_back(string token, string canonical)
    {
        Assert.True(Strategies.TryParse(token, out var choice, out var error));

        Assert.Null(error);
        Assert.Equal(canonical, choice.Token);
        Assert.Equal(choice, Strategies.Of(canonical));
    }

    [Theory]
    [InlineData("random:3", "strategy 'random' has no depth: write 'random'")]
    [InlineData("pct:0", "'0' is no depth of 'pct': write a number from 1 to 100, as in 'pct:3'")]
    [InlineData("pct:101", "'101' is no depth of 'pct': write a number from 1 to 100, as in 'pct:3'")]
    [InlineData("pct:99999999999999999999", "'99999999999999999999' is no depth of 'pct': write a number from 1 to 100, as in 'pct:3'")]
    [InlineData("delay:-1", "'-1' is no depth of 'delay': write a number from 1 to 100, as in 'delay:2'")]
    [InlineData("pctcp:many", "'many' is no depth of 'pctcp': write a number from 1 to 100, as in 'pctcp:3'")]
    [InlineData("pct:", "'' is no depth of 'pct': write a number from 1 to 100, as in 'pct:3'")]
    [InlineData("pct:3:3", "'3:3' is no depth of 'pct': write a number from 1 to 100, as in 'pct:3'")]
    public void A_wrong_depth_is_answered_in_one_line(string token, string expected)
    {
        Assert.False(Strategies.TryParse(token, out var choice, out var error));

        Assert.Null(choice);
        Assert.Equal(expected, error);
    }

    [Theory]
    [InlineData("ranodm", "; did you mean random?")]
    [InlineData("pc", "; did you mean pct or pctcp?")]
    [InlineData("Surw", "; did you mean surw?")]
    [InlineData("round", "; did you mean round-robin?")]
    [InlineData("dfs", "")]
    [InlineData("", "")]
    public void An_unknown_name_is_answered_with_the_nearest_ones_and_all_there_are(string token, string hint)
    {
        Assert.False(Strategies.TryParse(token, out _, out var error));

        Assert.Equal(
            $"no strategy '{token}'{hint} (there are: portfolio, random, pos, pct[:depth], pctcp[:depth], surw, delay[:depth], round-robin)",
            error);
    }
}
