using GmemActors.Actors;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

/// <summary>What user space does to launch an SNP guest.</summary>
internal static class SnpLaunch
{
    /// <summary>Starts, fills a range, finishes; returns the first error.</summary>
    internal static async Path<Errno> Of(KernelTask current, Vm vm, SnpLaunchUpdateCmd update)
    {
        var errno = await Sev.SevMemEncIoctl(current, vm, new SnpLaunchStartCmd());
        while (errno == Errno.None && update.Length > 0) errno = await Sev.SevMemEncIoctl(current, vm, update);
        return errno == Errno.None ? await Sev.SevMemEncIoctl(current, vm, new SnpLaunchFinishCmd()) : errno;
    }
}
