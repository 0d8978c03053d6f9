using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Tests.Hardware;

/// <summary>A TDX module, memory, two processors, and a trust domain with two vCPUs as far as a test wants it built.</summary>
internal sealed class TdxLab
{
    internal const PageLevel Small = PageLevel.Level4K;
    internal const PageLevel Large = PageLevel.Level2M;

    internal static readonly Hkid Hkid = new(9);
    internal static readonly Gfn Gfn = new(0x40000);

    private readonly Lab _lab;
    private uint _next = PhysicalMemory.First.Value;

    internal TdxLab(MachineOptions? options = null)
    {
        Memory = new("memory", 64, options);
        Module = new("tdx", PhysicalMemory.First, 64, options);
        Cpus = [new("cpu0"), new("cpu1")];
        _lab = new(Memory, Module, Cpus[0], Cpus[1]);
        for (var i = 0; i < 64; i++) _lab.Ask(Memory, new AllocPage(Memory));
        Tdr = Page();
        Td = new(Module, Memory, Tdr, Hkid);
        Vcpus = [new(Td, Cpus[0], 0, Page()), new(Td, Cpus[1], 1, Page())];
    }

    internal PhysicalMemory Memory { get; }

    internal TdxModule Module { get; }

    internal Cpu[] Cpus { get; }

    internal Pfn Tdr { get; }

    internal TrustDomain Td { get; }

    internal TdxVcpu[] Vcpus { get; }

    /// <summary>A trust domain that pages can be added to, with page tables down to <see cref="Gfn"/>.</summary>
    internal static TdxLab Initialized(MachineOptions? options = null)
    {
        var lab = new TdxLab(options);
        lab.Succeed(new TdhMngCreate(lab.Tdr, Hkid));
        for (var i = 0; i < (options?.Packages ?? 1); i++) lab.Succeed(new TdhMngKeyConfig(lab.Tdr, i));
        lab.Succeed(new TdhMngAddcx(lab.Tdr, lab.Page()));
        lab.Succeed(new TdhMngInit(lab.Tdr));
        foreach (var vcpu in lab.Vcpus)
        {
            lab.Succeed(new TdhVpCreate(lab.Tdr, vcpu.Tdvpr));
            lab.Succeed(new TdhVpInit(vcpu.Tdvpr));
        }

        lab.Succeed(new TdhMemSeptAdd(lab.Tdr, Gfn, PageLevel.Level1G, lab.Page()));
        lab.Succeed(new TdhMemSeptAdd(lab.Tdr, Gfn, Large, lab.Page()));
        return lab;
    }

    /// <summary>The same, finalized.</summary>
    internal static TdxLab Runnable(MachineOptions? options = null)
    {
        var lab = Initialized(options);
        lab.Succeed(new TdhMrFinalize(lab.Tdr));
        return lab;
    }

    /// <summary>The same, without vCPUs and keys: its pages can be reclaimed.</summary>
    internal static TdxLab TornDown()
    {
        var lab = Runnable();
        lab.Succeed(new TdhMngVpflushdone(lab.Tdr));
        lab.Succeed(new TdhPhymemCacheWb(0));
        lab.Succeed(new TdhMngKeyFreeid(lab.Tdr));
        return lab;
    }

    /// <summary>The next frame that nobody uses.</summary>
    internal Pfn Page() => new(_next++);

    internal T Ask<T>(Actor actor, Message<T> message) => _lab.Ask(actor, message);

    internal T Do<T>(Func<KernelTask, Path<T>> path) => _lab.Do(path);

    internal TdxStatus Call(Seamcall call) => _lab.Do(current => Seamcalls.Call(current, Module, call));

    internal void Succeed(Seamcall call) => Assert.Equal(TdxStatus.Success, Call(call));

    internal SeptState StateAt(PageLevel level = Small, uint page = 0) => Module.SeptStateOf(Tdr, Gfn + page, level)!.Value;

    internal TdxStatus Enter(int vcpu = 0) => _lab.Do(current => Seamcalls.TdhVpEnter(current, Vcpus[vcpu]));

    internal void Exit(int vcpu = 0, ulong rip = 1, Gfn? violation = null) => _lab.Do(async current =>
    {
        await Seamcalls.Exit(current, Vcpus[vcpu], rip, violation);
        return true;
    });

    internal TdxStatus Accept(uint page = 0, PageLevel level = Small, int vcpu = 0) =>
        _lab.Do(current => TdGuest.Accept(current, Vcpus[vcpu], Gfn + page, level));

    internal AccessResult Touch(AccessKind kind, uint page = 0, int vcpu = 0) =>
        _lab.Do(current => TdGuest.Access(current, Vcpus[vcpu], Gfn + page, kind));

    /// <summary>A page that the guest has accepted. The vCPU must be outside before, and is again.</summary>
    internal Pfn Accepted(uint page = 0)
    {
        var pfn = Page();
        Succeed(new TdhMemPageAug(Tdr, Gfn + page, Small, pfn));
        Assert.Equal(TdxStatus.Success, Enter());
        Assert.Equal(TdxStatus.Success, Accept(page));
        Exit();
        return pfn;
    }
}
