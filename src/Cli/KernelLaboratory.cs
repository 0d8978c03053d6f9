using GmemActors.Actors;
using GmemActors.Scenarios;
using GmemActors.Scenarios.Operations;

namespace GmemActors.Cli;

/// <summary>The model of the kernel as the command sees it.</summary>
internal static class KernelLaboratory
{
    internal static Laboratory Create() => new(
        [.. Catalogue.All.Select(Subject)],
        [.. KernelVersion.All.Concat(KernelVersion.WhatIfs).Select(Entry)],
        [.. Bug.All.Select(Entry)])
    {
        Operations = [.. OperationTable.All.Select(Entry)],
        Open = file => Subject(ScenarioSource.Read(file)) with { File = file },
    };

    private static Subject Subject(Scenario scenario) => new(
        scenario.Name,
        scenario.Point,
        [.. scenario.Kernels.Select(version => version.Name)],
        (kernel, bugs) => In(scenario, bugs.Aggregate(KernelVersion.Find(kernel)!, (version, bug) => version.With(Bug.Find(bug)!))))
    {
        Bug = scenario.Shows?.Bug?.Name,
    };

    private static Expectation In(Scenario scenario, KernelVersion version) => new(
        scenario.ToModel(version),
        scenario.Expects(version) ? $"{scenario.Shows!.Kind}, {scenario.Shows.Cause}" : null,
        finding => scenario.Shows?.Is(finding) == true,
        finding => scenario.IsExpected(version, finding));

    private static Entry Entry(KernelVersion version) => new(
        version.Name,
        version.Summary,
        [
            new("generation", version.Generation),
            .. version.Fields,
            .. version.Bugs.Select(bug => KeyValuePair.Create(bug.Name, $"{bug.Title} ({bug.Source})")),
        ]);

    private static Entry Entry(Operation operation) => new(
        operation.Usage,
        operation.Summary,
        [
            new("operation", operation.Name),
            new("function", operation.Function),
            new("done by", operation.DoneBy),
            new("returns", string.Join(", ", operation.Errnos.Prepend(Errno.None).Select(errno => errno == Errno.None ? "OK" : errno.ToString()))),
            .. operation.Parameters.Select(parameter => KeyValuePair.Create(parameter.Name, parameter.Type.Summary)),
        ]);

    private static Entry Entry(Bug bug) => new(
        bug.Name,
        bug.Title,
        [new("id", bug.Id), new("symptom", bug.Symptom), new("fix", bug.Fix), new("source", bug.Source)]);
}
