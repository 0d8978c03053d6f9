namespace GmemActors.Engine;

/// <summary>What a task's tries in a retry loop have in common: whether they still get anywhere.</summary>
internal sealed class RetryLoop(KernelTask task)
{
    /// <summary>So many equal tries make a loop that gets nowhere: more than any bounded retry of the kernel's own paths.</summary>
    internal const int Enough = 16;

    /// <summary>A try of more steps than this is not compared.</summary>
    private const int Longest = 1024;

    /// <summary>So many first tries are not compared: most loops end before, and cost nothing.</summary>
    private const int Unrecorded = 4;

    private ulong[] _before = [];
    private ulong[] _answers = [];
    private int _count;
    private long _start;

    /// <summary>Why the latest try failed; null before the first.</summary>
    internal string? Why { get; private set; }

    /// <summary>How many tries there were.</summary>
    internal int Tries { get; private set; }

    /// <summary>How many tries in a row had the same answers as the one before them.</summary>
    internal int Alike { get; private set; }

    /// <summary>How many of those began after the latest step of anybody who still got somewhere.</summary>
    internal int Idle { get; private set; }

    /// <summary>The step after which all tries had the same answers.</summary>
    internal long Since { get; private set; }

    /// <summary>The steps of one try.</summary>
    internal int Length { get; private set; }

    /// <summary>Whether its steps cannot count as progress: each has had the same answer many times over.</summary>
    internal bool GetsNowhere => Alike >= Enough;

    /// <summary>Notes an answer; the first that differs from the try before shows that the loop gets somewhere.</summary>
    internal void Answer(int actor, ulong bits)
    {
        if (Tries < Unrecorded || _count == Longest) return;
        var answer = bits ^ ((ulong)actor << 32);
        if (_count >= Length || _before[_count] != answer) GotSomewhere();
        if (_count == _answers.Length) Array.Resize(ref _answers, Math.Max(16, _count * 2));
        _answers[_count++] = answer;
    }

    /// <summary>The try has failed, and the task goes back.</summary>
    /// <param name="why">The test that failed.</param>
    /// <param name="progress">The latest step of anybody who still got somewhere.</param>
    internal void EndTry(string why, long progress)
    {
        if (Tries > 0 && task.LastStep == _start) throw new InternalErrorException($"{task.Name} retries ({why}) without asking anything: it could never end");
        if (_count == 0 || _count != Length || _count == Longest || Why != why) GotSomewhere();
        else Alike++;
        Idle = Alike > 0 && _start >= progress ? Idle + 1 : 0;
        (_before, _answers, Length, _count) = (_answers, _before, _count, 0);
        _start = task.LastStep;
        Why = why;
        Tries++;
    }

    private void GotSomewhere()
    {
        Alike = 0;
        Idle = 0;
        Since = task.LastStep;
    }
}
