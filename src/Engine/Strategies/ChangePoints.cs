namespace GmemActors.Engine;

/// <summary>Steps drawn at random, without replacement, at which a strategy changes its mind.</summary>
internal sealed class ChangePoints
{
    private readonly (int At, int Number)[] _points;
    private int _next;
    private int _steps;

    /// <summary>Draws <paramref name="count"/> of the steps 1 … <paramref name="range"/>, or all if there are not so many.</summary>
    internal ChangePoints(ref Prng prng, int count, int range)
    {
        _points = new (int, int)[Math.Min(count, range)];

        // Floyd's sampling (Bentley and Floyd, "A sample of brilliance", 1987): a point for each draw, whatever the range.
        for (var drawn = 0; drawn < _points.Length; drawn++)
        {
            var last = range - _points.Length + drawn + 1;
            var at = prng.Below(last) + 1;
            _points[drawn].At = IsDrawn(at, drawn) ? last : at;
        }

        Number(ref prng);
        Array.Sort(_points);
    }

    /// <summary>How many points have been passed.</summary>
    internal int Passed => _next;

    /// <summary>The steps, in ascending order.</summary>
    internal IEnumerable<int> Steps => _points.Select(point => point.At);

    /// <summary>Counts one step: the number of its point, 1 … count; 0 if it is none.</summary>
    internal int Count()
    {
        _steps++;
        return _next < _points.Length && _points[_next].At == _steps ? _points[_next++].Number : 0;
    }

    private bool IsDrawn(int at, int drawn)
    {
        for (var i = 0; i < drawn; i++)
        {
            if (_points[i].At == at) return true;
        }

        return false;
    }

    // Floyd's draws are a uniform set, but not in a uniform order: the numbers are shuffled.
    private void Number(ref Prng prng)
    {
        for (var i = 0; i < _points.Length; i++)
        {
            var other = prng.Below(i + 1);
            _points[i].Number = _points[other].Number;
            _points[other].Number = i + 1;
        }
    }
}
