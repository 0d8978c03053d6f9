namespace GmemActors.Bench.Pvf;

/// <summary>The size of a run of PvF: vCPUs, pages, faults a vCPU, holes.</summary>
public sealed record PvfSize(int N, int P, int F, int K)
{
    /// <summary>The messages of an execution with so many retries: a check on any implementation.</summary>
    public long Messages(long retries) => (16L * N * F) + (22L * K) + (16L * retries);
}
