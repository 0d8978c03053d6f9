namespace GmemActors.Actors;

/// <summary>The file of a VM or of one of its vCPUs: each holds a reference on the VM until it is released.</summary>
/// <remarks>Source: virt/kvm/kvm_main.c, kvm_vm_fops and kvm_vcpu_fops.</remarks>
public sealed class KvmFile(string name, Vm vm, bool isVcpu = false) : OpenFile(name)
{
    /// <summary>The VM that it holds a reference on. Immutable.</summary>
    public Vm Vm { get; } = vm;

    /// <summary>Whether it is a vCPU's. Immutable.</summary>
    public bool IsVcpu { get; } = isVcpu;
}
