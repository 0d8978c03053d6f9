using System.IO;
using System.Text.Json.Nodes;
using GmemActors.Engine;
using GmemActors.Scenarios.Files;
using GmemActors.Tests.Scenarios.Files;

namespace GmemActors.Tests.Docs;

public class ScenarioSchemaTests
{
    private static string SchemaFile => Repository.PathOf("scenarios", "schema.json");

    public static TheoryData<string> Files => [.. ScenarioFolder.Names];

    [Fact]
    public void The_schema_is_what_the_parser_says()
    {
        var schema = ScenarioSchema.Write();

        if (Repository.UpdatesGolden) File.WriteAllText(SchemaFile, schema);
        Assert.Equal(schema, File.ReadAllText(SchemaFile));
    }

    [Theory]
    [MemberData(nameof(Files))]
    public void It_accepts_every_scenario(string name) => Assert.True(Schema().Accepts(YamlAsJson.Of(ScenarioFolder.Text(name))));

    [Fact]
    public void It_accepts_all_that_a_file_can_say() => Assert.True(Schema().Accepts(YamlAsJson.Of(Sample.Text)));

    [Theory]
    [InlineData("- punch_hole g0 0 16K", "- punch_hol g0 0 16K")]
    [InlineData("- punch_hole g0 0 16K", "- punch_hole g0 0")]
    [InlineData("- punch_hole g0 0 16K", "- punch_hole g0 0 16K 16K")]
    [InlineData("- repeat 2:", "- repat 2:")]
    [InlineData("inode1: 0x1000", "inode1: many")]
    [InlineData("needs: has-pre-fault", "needs: pre-fault")]
    [InlineData("kernels: [6.12, 7.2]", "kernels: [6.13]")]
    [InlineData("on_memory_fault: convert", "on_memory_fault: die")]
    [InlineData("{vm: vm1, inode: inode0}", "{vm: vm1}")]
    [InlineData("private: all", "private: some")]
    [InlineData("- livelock: mmu_invalidate_retry_gfn", "- livelok: mmu_invalidate_retry_gfn")]
    [InlineData("scenario: sample", "name: sample")]
    public void It_refuses_what_is_wrong(string right, string wrong)
    {
        Assert.Contains(right, Sample.Text, StringComparison.Ordinal);
        var text = Sample.Text.Replace(right, wrong, StringComparison.Ordinal);

        Assert.False(Schema().Accepts(YamlAsJson.Of(text)));
        Assert.False(ScenarioParser.TryParse(text, out _, out _));
    }

    [Fact]
    public void What_it_refuses_the_parser_refuses()
    {
        var (schema, refused) = (Schema(), 0);
        string[] texts = [Sample.Text, .. ScenarioFolder.Names.Select(ScenarioFolder.Text)];
        for (var seed = 0ul; seed < 1000; seed++)
        {
            var prng = new Prng(seed);
            var text = Damaged.Of(texts[prng.Below(texts.Length)], prng);
            if (!IsDocument(text) || schema.Accepts(YamlAsJson.Of(text))) continue;
            refused++;
            Assert.False(ScenarioParser.TryParse(text, out _, out _), $"seed {seed}: the schema refuses it and the parser does not\n{text}");
        }

        Assert.InRange(refused, 100, 1000);
    }

    private static bool IsDocument(string text)
    {
        try
        {
            YamlReader.Read(text);
            return true;
        }
        catch (ScenarioFileException)
        {
            return false;
        }
    }

    private static SmallSchema Schema() => new((JsonObject)JsonNode.Parse(ScenarioSchema.Write())!);
}
