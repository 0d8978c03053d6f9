namespace GmemActors.Hardware;

/// <summary>How the TDX module suspects that the host steps a vCPU by EPT violations: too many at one instruction.</summary>
/// <remarks>
/// Source: TDX module 1.5. Once six violations in a row came from one instruction, the frames of further ones are noted, and
/// VP.ENTER takes the tree lock to see whether the host has mapped them: if not, the vCPU does not run.
/// </remarks>
internal sealed class ZeroStep
{
    /// <summary>So many violations in a row are no suspicion.</summary>
    internal const int Threshold = 6;

    private const int ListSize = 32;

    private readonly List<Gfn> _frames = [];
    private ulong _rip;
    private int _count;

    /// <summary>Whether VP.ENTER must look at the frames first.</summary>
    internal bool IsSuspected => _frames.Count > 0;

    /// <summary>The vCPU exited at an instruction; null: for something else than an EPT violation.</summary>
    internal void Exited(ulong rip, Gfn? violation)
    {
        if (rip != _rip) Forget();
        _rip = rip;
        if (violation is not { } gfn) return;
        if (_count < Threshold) _count++;
        else if (_frames.Count < ListSize && !_frames.Contains(gfn)) _frames.Add(gfn);
    }

    /// <summary>Whether the host has mapped every frame; then the suspicion is over.</summary>
    internal bool IsCleared(SecureEpt sept)
    {
        foreach (var gfn in _frames)
        {
            if (sept.Walk(gfn) is { IsPresent: false, IsPending: false }) return false;
        }

        Forget();
        return true;
    }

    private void Forget()
    {
        _frames.Clear();
        _count = 0;
    }
}
