using System.Diagnostics;
using System.Text.Json;
using GmemActors.Cli;

namespace GmemActors.Tests.Cli;

/// <summary>The command as it is built, in a process of its own.</summary>
public sealed class ProcessTests
{
    private const string Scenario = "punch-hole-vs-fault --kernel gmem-v12";

    [Fact]
    public void A_fresh_process_replays_the_same_trace_from_the_line_that_was_printed()
    {
        var here = Command.Run(KernelLaboratory.Create, ["explore", .. Scenario.Split(' '), "--seed", "100", "--json"]);
        var finding = JsonDocument.Parse(here.Output).RootElement.GetProperty("scenarios")[0].GetProperty("findings")[0];

        var there = Start($"{finding.GetProperty("replay").GetString()!["gmem ".Length..]} --json");

        var trace = JsonDocument.Parse(there.Output).RootElement;
        Assert.Equal(finding.GetProperty("trace").GetString(), trace.GetProperty("fingerprint").GetString());
        Assert.Equal(finding.GetProperty("fingerprint").GetString(), trace.GetProperty("finding").GetProperty("fingerprint").GetString());
        Assert.Equal(finding.GetProperty("step").GetInt64(), trace.GetProperty("finding").GetProperty("step").GetInt64());
        Assert.Equal(ExitCode.Success, there.ExitCode);
    }

    [Fact]
    public void A_fresh_process_explores_the_same()
    {
        var line = $"explore {Scenario} --seed 7 --schedules 200 --keep-going --json";

        var there = Start($"{line} --workers 2");

        var here = Command.Run(KernelLaboratory.Create, line.Split(' '));
        Assert.Equal(Masked.Of(here.Output), Masked.Of(there.Output));
    }

    [Fact]
    public void Misuse_is_one_line_there_too()
    {
        var run = Start("explore punch-hole-vs-falt");

        Assert.Equal(new Command(ExitCode.Misuse, "", "gmem: no scenario 'punch-hole-vs-falt'; did you mean punch-hole-vs-fault or punch-hole-vs-unbind?\n"), run);
    }

    private static Command Start(string line)
    {
        var program = System.IO.Path.Combine(AppContext.BaseDirectory, "gmem.dll");
        using var process = Process.Start(new ProcessStartInfo("dotnet", $"{program} {line}") { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return new(process.ExitCode, output, error.Result);
    }
}
