using System.Buffers;
using System.Text;
using System.Text.Json;
using GmemActors.Reports;

namespace GmemActors.Cli;

/// <summary>Writes one JSON object as a document of its own.</summary>
internal static class JsonText
{
    internal static void Write(System.IO.TextWriter output, Action<Utf8JsonWriter> members)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, JsonReport.Format))
        {
            json.WriteStartObject();
            members(json);
            json.WriteEndObject();
        }

        output.WriteLine(Encoding.UTF8.GetString(buffer.WrittenSpan));
    }

    /// <summary>Writes what was run into an object that is open.</summary>
    internal static void WriteSelection(Utf8JsonWriter json, Experiment experiment)
    {
        json.WriteString("scenario", experiment.Scenario);
        json.WriteString("kernel", experiment.Kernel);
        json.WriteStartArray("with");
        foreach (var bug in experiment.Bugs) json.WriteStringValue(bug);
        json.WriteEndArray();
    }
}
