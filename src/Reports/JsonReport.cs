using System.Buffers;
using System.Text;
using System.Text.Json;
using GmemActors.Engine;

namespace GmemActors.Reports;

/// <summary>An execution as JSON: its fingerprint, every step, every choice of data, and the finding.</summary>
public static class JsonReport
{
    /// <summary>How every JSON document of this program is written: for people too, and with kernel text as it is.</summary>
    public static JsonWriterOptions Format => new()
    {
        Indented = true,
        NewLine = "\n",
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    /// <summary>The whole document.</summary>
    public static string Of(Execution execution)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Format))
        {
            json.WriteStartObject();
            WriteMembers(json, execution);
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.WrittenSpan) + "\n";
    }

    /// <summary>Writes the members of the document into an object that is open.</summary>
    public static void WriteMembers(Utf8JsonWriter json, Execution execution)
    {
        json.WriteString("fingerprint", Fingerprint.Text(execution.Fingerprint));
        WriteSteps(json, execution);
        WriteChoices(json, execution);
        json.WritePropertyName("finding");
        if (execution.Finding is { } finding) WriteFinding(json, finding);
        else json.WriteNullValue();
    }

    private static void WriteSteps(Utf8JsonWriter json, Execution execution)
    {
        json.WriteStartArray("steps");
        foreach (var step in execution.Trace)
        {
            json.WriteStartObject();
            json.WriteNumber("step", step.Step);
            json.WriteString("task", step.Task);
            json.WriteString("actor", step.Actor);
            json.WriteString("message", step.Message);
            json.WriteString("arguments", step.Arguments);
            json.WriteString("reply", step.Reply);
            json.WriteString("kind", KindOf(step));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static string KindOf(TraceStep step) => step.Kind switch
    {
        TraceKind.Told => "told",
        TraceKind.Queued => "queued",
        _ => "asked",
    };

    private static void WriteChoices(Utf8JsonWriter json, Execution execution)
    {
        json.WriteStartArray("choices");
        var step = 0L;
        foreach (var choice in execution.Choices)
        {
            if (choice is not DataChoice data)
            {
                step++;
                continue;
            }

            json.WriteStartObject();
            json.WriteNumber("after", step);
            json.WriteString("task", data.Task);
            json.WriteString("what", data.What);
            json.WriteNumber("chosen", data.Chosen);
            json.WriteNumber("count", data.Count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFinding(Utf8JsonWriter json, Finding finding)
    {
        json.WriteStartObject();
        json.WriteString("kind", finding.Kind);
        json.WriteString("title", finding.Title);
        json.WriteString("property", finding.Cause);
        json.WriteNumber("step", finding.Step);
        json.WriteString("fingerprint", Fingerprint.Text(finding.Fingerprint));
        json.WriteStartArray("details");
        foreach (var detail in finding.Details) json.WriteStringValue(detail);
        json.WriteEndArray();
        json.WriteStartArray("warnings");
        foreach (var warning in finding.Warnings) json.WriteStringValue($"step {warning.Step}: {warning.Title}");
        json.WriteEndArray();
        json.WriteEndObject();
    }
}
