using GmemActors.Actors;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

// Trust domains that are built before the first step.
public sealed partial class Stage
{
    private readonly List<Vm> _unfinished = [];
    private readonly List<TdhMemPageAug> _pending = [];

    /// <summary>
    /// A trust domain whose guest can name so many frames, all of them converted to private, none of them there. Its vCPUs are to be added
    /// before the world runs.
    /// </summary>
    /// <param name="name">Its name.</param>
    /// <param name="firstGfn">The first frame.</param>
    /// <param name="count">How many frames.</param>
    /// <param name="mm">The memory of the process that made it.</param>
    /// <param name="isFinalized">Whether it can run; else pages can be added.</param>
    /// <param name="exitsOnMapGpaRange">Whether user space handles conversions that the guest asks for.</param>
    public Vm TrustDomain(
        string name,
        ulong firstGfn,
        ulong count,
        UserMemory? mm = null,
        bool isFinalized = true,
        bool exitsOnMapGpaRange = true)
    {
        var vm = NewTdxVm(name, firstGfn, count, mm, exitsOnMapGpaRange);
        var (tdx, hkid) = (_machine.Tdx!, _machine.TdxKeyIds!.Take());
        var (tdr, tdcs) = (Memory.Take(vm), Memory.Take(vm));
        tdx.Prepare(new TdhMngCreate(tdr, hkid));
        for (var package = 0; package < _machine.Options.Packages; package++) tdx.Prepare(new TdhMngKeyConfig(tdr, package));
        tdx.Prepare(new TdhMngAddcx(tdr, tdcs));
        tdx.Prepare(new TdhMngInit(tdr));
        vm.SetTd(new(tdx, Memory, tdr, hkid), tdcs, isFinalized ? TdState.Runnable : TdState.Initialized);
        AddPageTables(vm, tdr);
        if (isFinalized) _unfinished.Add(vm);
        return vm;
    }

    /// <summary>A VM that is to be a trust domain: the TDX module does not know of it.</summary>
    public Vm NewTdxVm(string name, ulong firstGfn, ulong count, UserMemory? mm = null, bool exitsOnMapGpaRange = true)
    {
        _machine = _machine.Tdx is not null ? _machine : _machine with
        {
            Tdx = _world.Add(new TdxModule("tdx", PhysicalMemory.First, Memory.FrameCount, _machine.Options)),
            TdxKeyIds = _world.Add(new TdxKeyIds("tdx-keys", new(1), 2)),
        };
        var vm = _world.Add(new Vm(name, _machine, new(new(firstGfn), new(firstGfn + count)), mm, VmType.Tdx)
        {
            ExitsOnMapGpaRange = exitsOnMapGpaRange,
        });
        vm.Convert(vm.Frames, KvmMemoryAttributes.Private);
        _vms.Add(vm);
        return vm;
    }

    /// <summary>Gives a trust domain a page of a gmem file that it begins with.</summary>
    public void AddPage(Vm vm, GmemInode inode, Pgoff index, Gfn gfn)
    {
        var (td, pfn) = (vm.Td!, Memory.Take(inode));
        inode.Fill(index, pfn);
        Memory.Fill(pfn, td.Hkid.Key);
        td.Module.Prepare(new TdhMemPageAdd(td.Tdr, gfn, pfn));
        vm.AddPrivatePage(gfn, pfn);
    }

    /// <summary>Gives a trust domain a page of a gmem file that it has yet to accept.</summary>
    public void AddPendingPage(Vm vm, GmemInode inode, Pgoff index, Gfn gfn)
    {
        var pfn = Memory.Take(inode);
        inode.Fill(index, pfn);
        _pending.Add(new(vm.Td!.Tdr, gfn, PageLevel.Level4K, pfn));
        vm.AddPrivatePage(gfn, pfn);
    }

    /// <summary>Says that nobody takes private memory from a trust domain, which has accepted all that it uses.</summary>
    public void KeepsPages(Vm vm) => TdxProperties.KeepsPagesIn(_world, vm);

    /// <summary>Makes a vCPU suspected of being stepped by its host, on a frame.</summary>
    public void Suspect(Vcpu vcpu, Gfn gfn) => vcpu.Vm.Td!.Module.Suspect(vcpu.Tdvpr, gfn);

    private void AddPageTables(Vm vm, Pfn tdr)
    {
        for (var level = PageLevel.Level1G; level > PageLevel.Level4K; level--)
        {
            for (var gfn = vm.Frames.Start.AlignDown(level); gfn.Value < vm.Frames.End.Value; gfn += level.Pages())
            {
                var page = Memory.Take(vm);
                _machine.Tdx!.Prepare(new TdhMemSeptAdd(tdr, gfn, level, page));
                vm.AddPageTable(gfn, level, page);
            }
        }
    }

    // A trust domain that is not created yet gets its vCPUs by ioctls.
    private void AddToTd(Vm vm, Vcpu vcpu)
    {
        if (vm.Td is not { } td) return;
        var page = Memory.Take(vm);
        _machine.Tdx!.Prepare(new TdhVpCreate(td.Tdr, page));
        _machine.Tdx.Prepare(new TdhVpInit(page));
        vcpu.SetVp(new(td, vcpu.Cpu, vcpu.Cpu.Id, page));
    }

    /// <summary>Finalizes the trust domains that are to run.</summary>
    internal void FinishTds(bool isWatched = true)
    {
        foreach (var vm in _unfinished) _machine.Tdx!.Prepare(new TdhMrFinalize(vm.Td!.Tdr));
        foreach (var page in _pending) _machine.Tdx!.Prepare(page);
        if (isWatched) TdxProperties.HoldIn(_world, _machine, [.. _vms], [.. _inodes]);
    }
}
