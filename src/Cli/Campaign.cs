using System.Diagnostics;
using System.Threading;
using GmemActors.Engine;

namespace GmemActors.Cli;

/// <summary>Runs a range of seeds on many threads, with a result that does not depend on how many they are.</summary>
/// <remarks>
/// Seeds are handed out in blocks and their tallies are added in the order of the seeds. The first block that ends the campaign,
/// with a finding or with an error, is the last one to count: what was run beyond it is dropped.
/// </remarks>
internal sealed class Campaign(Experiment experiment, SeedRange seeds, CampaignOptions options)
{
    private const int LargestBlock = 64;
    private const int BlocksAWorker = 8;

    private readonly Explorer _explorer = experiment.Explorer;
    private readonly object _gate = new();
    private readonly SortedDictionary<long, Tally> _waiting = [];
    private readonly Tally _tally = new();
    private readonly long _blockSize = Math.Clamp(seeds.Count / (options.Workers * BlocksAWorker), 1, LargestBlock);
    private long _next;
    private long _merged;
    private long _last = long.MaxValue;
    private long _done;
    private CampaignErrorException? _error;

    /// <summary>How many schedules have been run so far.</summary>
    internal long Done => Interlocked.Read(ref _done);

    /// <summary>How many there are to be run.</summary>
    internal long Count => seeds.Count;

    /// <summary>Runs it.</summary>
    /// <param name="watch">Called with what waits for the end, for so long at most, and says whether it has come.</param>
    /// <param name="stop">Ends it early; what was found until then counts.</param>
    /// <exception cref="CampaignErrorException">The model or this program is broken.</exception>
    internal CampaignResult Run(Action<Func<TimeSpan, bool>> watch, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        using var end = CancellationTokenSource.CreateLinkedTokenSource(stop);
        if (options.Time is { } time) end.CancelAfter(time);
        var threads = Start(end.Token);
        watch(wait => threads.TrueForAll(thread => thread.Join(wait)));
        foreach (var thread in threads) thread.Join();
        if (_error is not null) throw _error;

        // Only an early end leaves gaps, and what was found behind a gap was found all the same.
        foreach (var (block, tally) in _waiting)
        {
            if (block <= _last) _tally.Add(tally);
        }

        var isCutShort = _last == long.MaxValue && _tally.Schedules < seeds.Count;
        return new(_tally, clock.Elapsed.TotalSeconds, isCutShort);
    }

    private List<Thread> Start(CancellationToken end)
    {
        var blocks = (seeds.Count + _blockSize - 1) / _blockSize;
        var threads = new List<Thread>();
        for (var i = 0; i < Math.Min(options.Workers, blocks); i++)
        {
            var thread = new Thread(() => Work(blocks, end)) { IsBackground = true, Name = $"worker{i}" };
            thread.Start();
            threads.Add(thread);
        }

        return threads;
    }

    private void Work(long blocks, CancellationToken end)
    {
        while (!end.IsCancellationRequested)
        {
            var block = Interlocked.Increment(ref _next) - 1;
            if (block >= blocks || IsBeyondEnd(block)) return;
            Run(block, () => end.IsCancellationRequested || IsBeyondEnd(block));
        }
    }

    private void Run(long block, Func<bool> isEnded)
    {
        var offset = block * _blockSize;
        var (first, count, begun) = (seeds.First + (ulong)offset, Math.Min(_blockSize, seeds.Count - offset), 0ul);
        try
        {
            var tally = _explorer.Explore(first, count, Ends, () =>
            {
                begun++;
                return isEnded();
            });
            if (options.Twice)
            {
                for (begun = 1; begun <= (ulong)tally.Schedules; begun++) Compare(first + begun - 1);
            }

            Add(block, tally);
        }
        catch (Exception exception)
        {
            Fail(block, new(first + begun - 1, exception.Message));
        }
    }

    private bool Ends(Finding finding) => !options.KeepGoing && experiment.Expectation.Ends(finding);

    private void Compare(ulong seed)
    {
        var difference = _explorer.Difference(seed);
        if (difference is not null) throw new InternalErrorException($"two runs of seed {seed} differ, {difference}");
    }

    private bool IsBeyondEnd(long block) => block > Volatile.Read(ref _last);

    private void Add(long block, Tally tally)
    {
        Interlocked.Add(ref _done, tally.Schedules);
        lock (_gate)
        {
            if (block > _last) return;
            if (tally.WasEnded) (_last, _error) = (block, null);
            _waiting.Add(block, tally);
            while (_merged <= _last && _waiting.Remove(_merged, out var next))
            {
                _tally.Add(next);
                _merged++;
            }
        }
    }

    private void Fail(long block, CampaignErrorException error)
    {
        lock (_gate)
        {
            if (block < _last) (_last, _error) = (block, error);
        }
    }
}
