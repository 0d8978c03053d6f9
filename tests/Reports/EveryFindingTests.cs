using System.Text.Json;
using GmemActors.Engine;
using GmemActors.Reports;

namespace GmemActors.Tests.Reports;

public class EveryFindingTests
{
    public static TheoryData<string> Kinds => [.. SampleFindings.Kinds.Select(kind => kind.Name)];

    [Fact]
    public void The_family_of_findings_is_closed() => Assert.All(SampleFindings.Kinds, kind => Assert.True(kind.IsSealed));

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_text_report_shows_title_details_and_warnings(string kind)
    {
        var execution = ExecutionOf(kind);

        var text = TextReport.Of(execution, new("seed 1", "gmem replay sample --seed 1"));

        Assert.Contains(execution.Finding!.Title, text);
        Assert.All(execution.Finding.Details, detail => Assert.Contains(detail, text));
        Assert.Contains("WARN_ON_ONCE(sample)", text);
        Assert.Contains("<-", text);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_json_report_has_every_member(string kind)
    {
        var execution = ExecutionOf(kind);

        var finding = JsonDocument.Parse(JsonReport.Of(execution)).RootElement.GetProperty("finding");

        Assert.Equal(execution.Finding!.Kind, finding.GetProperty("kind").GetString());
        Assert.Equal(execution.Finding.Title, finding.GetProperty("title").GetString());
        Assert.Equal(execution.Finding.Cause, finding.GetProperty("property").GetString());
        Assert.Equal(execution.Finding.Step, finding.GetProperty("step").GetInt64());
        Assert.Equal(Fingerprint.Text(execution.Finding.Fingerprint), finding.GetProperty("fingerprint").GetString());
        Assert.Equal(execution.Finding.Details, finding.GetProperty("details").EnumerateArray().Select(detail => detail.GetString()!));
        Assert.Equal("step 1: WARN: WARN_ON_ONCE(sample) (vcpu1)", finding.GetProperty("warnings")[0].GetString());
    }

    private static Execution ExecutionOf(string kind)
    {
        TraceStep[] trace = [new(1, "vcpu1", "vm0", "kvm_mmu_lock", "", "", TraceKind.Asked), new(2, "sample", "vm0", "kvm_mmu_unlock", "", "", TraceKind.Asked)];
        return new(
            SampleFindings.Of(SampleFindings.Kinds.Single(type => type.Name == kind)),
            trace,
            [.. trace.Select(step => new Delivery(step.Task, step.Message, step.Actor))],
            0x1234,
            ["vcpu1", "sample"]);
    }
}
