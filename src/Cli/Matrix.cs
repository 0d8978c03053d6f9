using System.Threading;

namespace GmemActors.Cli;

/// <summary>Whether a bug's scenario shows it in a kernel version.</summary>
internal enum Cell
{
    /// <summary>The scenario is not for that version.</summary>
    NotApplicable,

    /// <summary>It was not found.</summary>
    Absent,

    /// <summary>It was found.</summary>
    Found,
}

/// <summary>Bugs × kernel versions: what is found where, computed by running every bug's scenario in every version.</summary>
internal sealed class Matrix(Laboratory laboratory, StrategyChoiceOf strategy, SeedRange seeds)
{
    private readonly List<Subject> _subjects = [.. laboratory.Subjects.Where(subject => subject.Bug is not null).DistinctBy(subject => subject.Bug)];

    /// <summary>The bugs that a scenario shows.</summary>
    internal IReadOnlyList<string> Bugs => [.. _subjects.Select(subject => subject.Bug!)];

    /// <summary>The kernel versions.</summary>
    internal IReadOnlyList<string> Kernels { get; } = [.. laboratory.Kernels.Select(kernel => kernel.Name)];

    /// <summary>The cells, by the place of the bug and of the kernel.</summary>
    internal Cell[,] Cells { get; } = new Cell[laboratory.Subjects.Count, laboratory.Kernels.Count];

    /// <summary>Where what is found is not what the versions say, a line each.</summary>
    internal List<string> Differences { get; } = [];

    /// <summary>Computes all cells; false if it was stopped before.</summary>
    internal bool Run(int workers, CancellationToken stop)
    {
        var (next, count) = (-1, _subjects.Count * Kernels.Count);
        Exception? error = null;
        var threads = Enumerable.Range(0, workers).Select(_ => new Thread(() =>
        {
            try
            {
                for (int at; (at = Interlocked.Increment(ref next)) < count && !stop.IsCancellationRequested;) Fill(at / Kernels.Count, at % Kernels.Count, stop);
            }
            catch (Exception exception)
            {
                error = exception;
            }
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        if (error is not null) throw error;
        if (!stop.IsCancellationRequested) Compare();
        return !stop.IsCancellationRequested;
    }

    private void Fill(int bug, int kernel, CancellationToken stop)
    {
        var subject = _subjects[bug];
        if (!subject.Kernels.Contains(Kernels[kernel])) return;
        var experiment = strategy(subject, Kernels[kernel]);
        var shown = experiment.Expectation;
        var tally = experiment.Explorer.Explore(seeds.First, seeds.Count, shown.IsShown, () => stop.IsCancellationRequested);
        Cells[bug, kernel] = tally.Findings.Any(found => shown.IsShown(found.Finding)) ? Cell.Found : Cell.Absent;
    }

    private void Compare()
    {
        for (var bug = 0; bug < _subjects.Count; bug++)
        {
            for (var kernel = 0; kernel < Kernels.Count; kernel++)
            {
                if (Cells[bug, kernel] == Cell.NotApplicable) continue;
                var (subject, isFound) = (_subjects[bug], Cells[bug, kernel] == Cell.Found);
                var experiment = strategy(subject, Kernels[kernel]);
                if (isFound == experiment.Expectation.Shows is not null) continue;
                Differences.Add($"{subject.Bug} is {(isFound ? "found" : "absent")} in {Kernels[kernel]}, which {(isFound ? "has it not" : "has it")}: {experiment.Explore(seeds.First)}");
            }
        }
    }
}

/// <summary>A scenario in a kernel version, under the strategy that was asked for.</summary>
internal delegate Experiment StrategyChoiceOf(Subject subject, string kernel);
