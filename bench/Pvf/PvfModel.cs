using GmemActors.Engine;

namespace GmemActors.Bench.Pvf;

/// <summary>Punch-hole versus fault, stripped to its messages, on the engine's public API.</summary>
public sealed class PvfModel(PvfSize size, PvfBug bug = PvfBug.None)
{
    private readonly string[] _names = [.. Enumerable.Range(0, size.N).Select(i => $"vcpu{i}")];

    /// <summary>Retries of faults, over all executions that were built.</summary>
    public long Retries { get; private set; }

    /// <summary>Builds one execution.</summary>
    public void Build(World world)
    {
        var inode = world.Add(new Inode(size.P));
        var vm = world.Add(new Vm(size.P, bug));
        var rmp = world.Add(new Rmp(size.P));
        for (var i = 0; i < size.N; i++)
        {
            var page = i % size.P;
            world.Spawn(_names[i], current => Vcpu(current, inode, vm, rmp, page));
        }

        world.Spawn("puncher", current => Puncher(current, inode, vm, rmp));
        world.Always("a page that is mapped is present", () => inode.HasAll(vm), inode, vm);
        world.Finally("no invalidation is in progress", () => vm.InProgress == 0 ? null : $"in_progress = {vm.InProgress}");
    }

    private async Path Vcpu(KernelTask current, Inode inode, Vm vm, Rmp rmp, int page)
    {
        var getFolio = new GetFolio(page);
        var assign = new Assign(page);
        for (var fault = 0; fault < size.F; fault++)
        {
            while (true)
            {
                var seq = await current.Ask(vm, ReadSeq.Now);
                await current.Ask(inode, PvfLock.Shared);
                await current.Ask(inode, getFolio);
                await current.Ask(rmp, assign);
                await current.Ask(inode, PvfUnlock.Now);
                await current.Ask(vm, PvfLock.Exclusive);
                var mapped = await current.Ask(vm, new MapIfFresh(seq, page));
                await current.Ask(vm, PvfUnlock.Now);
                if (mapped) break;
                Retries++;
                current.Retry("MapIfFresh");
            }
        }
    }

    private async Path Puncher(KernelTask current, Inode inode, Vm vm, Rmp rmp)
    {
        for (var hole = 0; hole < size.K; hole++)
        {
            await current.Ask(inode, PvfLock.Exclusive);
            await current.Ask(vm, PvfLock.Exclusive);
            await current.Ask(vm, InvalidateBegin.Now);
            await current.Ask(vm, UnmapAll.Now);
            await current.Ask(vm, PvfUnlock.Now);
            await current.Ask(rmp, ReleaseAll.Now);
            await current.Ask(inode, TruncateAll.Now);
            await current.Ask(vm, PvfLock.Exclusive);
            if (bug != PvfBug.SkipsEveryOtherEnd || hole % 2 == 0) await current.Ask(vm, InvalidateEnd.Now);
            await current.Ask(vm, PvfUnlock.Now);
            await current.Ask(inode, PvfUnlock.Now);
        }
    }
}

/// <summary>The bugs that the protocol plants.</summary>
public enum PvfBug
{
    /// <summary>None.</summary>
    None,

    /// <summary>A: every second InvalidateEnd is skipped.</summary>
    SkipsEveryOtherEnd,

    /// <summary>B: MapIfFresh looks at neither the sequence number nor the count.</summary>
    MapsStale,
}
