using System.Collections;
using System.Reflection;
using System.Text;
using GmemActors.Scenarios.Conditions;
using GmemActors.Scenarios.Files;
using GmemActors.Scenarios.Operations;

namespace GmemActors.Tests.Scenarios.Files;

public class RoundTripTests
{
    public static TheoryData<string> Files => [.. ScenarioFolder.Names];

    [Theory]
    [MemberData(nameof(Files))]
    public void What_is_written_reads_back_the_same(string name) => AssertSame(ScenarioFolder.Text(name));

    [Fact]
    public void So_does_all_that_a_file_can_say() => AssertSame(Sample.Text);

    [Theory]
    [InlineData("it is: a colon")]
    [InlineData("it has a #hash and a \\ and a \" and {braces}, [brackets]")]
    [InlineData("- it begins as a list")]
    [InlineData("it has  two spaces")]
    [InlineData("it has\ntwo lines")]
    [InlineData("true or false ")]
    public void Text_that_YAML_would_read_otherwise_is_quoted(string point)
    {
        var file = ScenarioParser.Parse(Sample.Text) with { Point = point };

        Assert.Equal(point, ScenarioParser.Parse(ScenarioWriter.Write(file)).Point);
    }

    [Fact]
    public void Long_text_is_folded()
    {
        var file = ScenarioParser.Parse(Sample.Text) with { Point = string.Join(' ', Enumerable.Repeat("a word", 40)) };
        var text = ScenarioWriter.Write(file);

        Assert.All(text.Split('\n'), line => Assert.InRange(line.Length, 0, 130));
        Assert.Equal(file.Point, ScenarioParser.Parse(text).Point);
    }

    [Fact]
    public void The_files_are_named_as_their_scenarios()
    {
        Assert.NotEmpty(ScenarioFolder.Names);
        Assert.All(ScenarioFolder.Names, name => Assert.Equal(name, ScenarioParser.Parse(ScenarioFolder.Text(name)).Name));
    }

    private static void AssertSame(string text)
    {
        var file = ScenarioParser.Parse(text);

        var again = ScenarioParser.Parse(ScenarioWriter.Write(file));

        Assert.Equal(Show(file), Show(again));
        Assert.Equal(ScenarioWriter.Write(file), ScenarioWriter.Write(again));
    }

    // Every member of every record in it: no equality of the records' own can hide a difference.
    private static string Show(object? value)
    {
        var text = new StringBuilder();
        Show(value, text, 0);
        return text.ToString();
    }

    private static void Show(object? value, StringBuilder text, int depth)
    {
        switch (value)
        {
            case null or string or ValueType:
                text.Append(' ', depth).Append(value ?? "null").Append('\n');
                break;
            case Operation operation:
                text.Append(' ', depth).Append(operation.Name).Append('\n');
                break;
            case Predicate predicate:
                text.Append(' ', depth).Append(predicate.Name).Append('\n');
                break;
            case GmemActors.Actors.Bug bug:
                text.Append(' ', depth).Append(bug.Name).Append('\n');
                break;
            case IEnumerable items:
                foreach (var item in items) Show(item, text.Append(' ', depth).Append("-\n"), depth + 1);
                break;
            default:
                text.Append(' ', depth).Append(value.GetType().Name).Append('\n');
                foreach (var property in value.GetType().GetProperties(BindingFlags.Public | BindingFlags.Instance))
                {
                    Show(property.GetValue(value), text.Append(' ', depth).Append(property.Name).Append('\n'), depth + 1);
                }

                break;
        }
    }
}
