using GmemActors.Actors;
using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Scenarios;

// SNP guests.
public sealed partial class Stage
{
    /// <summary>The table of who owns each frame.</summary>
    public Rmp Rmp => _machine.Rmp!;

    /// <summary>What the host keeps for its SEV-SNP guests.</summary>
    public SevHost Sev => _machine.Sev!;

    /// <summary>Gives the machine SEV-SNP, before anything runs on it.</summary>
    public void UseSnp(MachineOptions? options = null, FaultInjection? faults = null)
    {
        Check.That(_vms.Count == 0);
        var rmp = _world.Add(new Rmp("rmp", PhysicalMemory.First, Memory.FrameCount, options));
        _machine = _machine with
        {
            Options = options ?? MachineOptions.Default,
            Faults = faults ?? _machine.Faults,
            Rmp = rmp,
            Sev = _world.Add(new SevHost("sev")),
        };
    }

    /// <summary>An SNP guest whose frames are all private; launched, unless a scenario does that.</summary>
    public Vm SnpVm(string name, ulong firstGfn, ulong count, UserMemory? mm = null, bool isLaunched = true, Asid? asid = null)
    {
        var range = new GfnRange(new(firstGfn), new(firstGfn + count));
        var vm = _world.Add(new Vm(name, _machine, range, mm, VmType.Snp) { Asid = asid ?? new((ushort)(_vms.Count + 1)) });
        vm.Convert(vm.Frames, KvmMemoryAttributes.Private);
        if (isLaunched) vm.Launch();
        _vms.Add(vm);
        return vm;
    }

    /// <summary>A vCPU of an SNP guest, whose VMSA is measured if the guest is launched.</summary>
    /// <param name="vm">The guest.</param>
    /// <param name="pscEntries">How many entries of a page state change the guest's buffer has room for.</param>
    public Vcpu SnpVcpu(Vm vm, int pscEntries = 4)
    {
        var number = vm.Vcpus.Count;
        var cpu = _world.Add(new Cpu($"{vm}:cpu{number}"));
        var ghcb = _world.Add(new Ghcb($"{vm}:ghcb{number}", pscEntries));
        var vmsa = Memory.Take(vm);
        var vcpu = _world.Add(new Vcpu($"{vm}:vcpu{number}", vm, number, cpu) { Vmsa = vmsa, Ghcb = ghcb });
        vm.Add(vcpu);
        if (!vm.IsLaunched) return vcpu;
        Rmp.Set(vmsa, RmpState.Private(vm.Asid, Actors.Vcpu.InitialVmsaGfn), validated: true, vmsa: true);
        vcpu.BeginAtVmsa();
        return vcpu;
    }

    /// <summary>A vCPU of an SNP guest that runs a program; user space converts what it faults on, if it is to.</summary>
    public Vcpu SnpVcpu(string name, Vm vm, bool converts, params GuestOp[] program)
    {
        var vcpu = SnpVcpu(vm);
        Task(name, current => Run(current, vcpu, program, converts));
        return vcpu;
    }

    /// <summary>Gives all frames away up to the next 2M, so that those that come next begin there.</summary>
    public void SkipTo2M()
    {
        while (!(Memory.Next is { } next && next.IsAligned(PageLevel.Level2M))) Memory.Take(Sev);
    }

    /// <summary>Makes a frame the guest's before the world runs, as a fault would.</summary>
    public void Prepare(Vm vm, Gfn gfn, Pfn pfn, PageLevel level = PageLevel.Level4K, bool validated = true) =>
        Rmp.Set(pfn, RmpState.Private(vm.Asid, gfn, level), validated);

    /// <summary>What must hold in the end.</summary>
    public void Finally(string name, Func<bool> holds) => _world.Finally(name, () => holds() ? null : "");

    private static async Path Run(KernelTask current, Vcpu vcpu, GuestOp[] program, bool converts) =>
        await RunVcpu(current, vcpu, new KvmRun(program), converts);
}
