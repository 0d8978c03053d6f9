using GmemActors.Actors;
using GmemActors.Scenarios;

namespace GmemActors.Cli;

/// <summary>The model of the kernel as the command sees it.</summary>
internal static class KernelLaboratory
{
    internal static Laboratory Create() => new(
        [.. Catalogue.All.Select(Subject)],
        [.. KernelVersion.All.Concat(KernelVersion.WhatIfs).Select(Entry)],
        [.. Bug.All.Select(Entry)]);

    private static Subject Subject(Scenario scenario) => new(
        scenario.Name,
        scenario.Point,
        [.. scenario.Kernels.Select(version => version.Name)],
        (kernel, bugs) => In(scenario, bugs.Aggregate(KernelVersion.Find(kernel)!, (version, bug) => version.With(Bug.Find(bug)!))));

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

    private static Entry Entry(Bug bug) => new(
        bug.Name,
        bug.Title,
        [new("id", bug.Id), new("symptom", bug.Symptom), new("fix", bug.Fix), new("source", bug.Source)]);
}
