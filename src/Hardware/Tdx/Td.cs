namespace GmemActors.Hardware;

/// <summary>The phase of a trust domain's life.</summary>
public enum TdLifecycle : byte
{
    /// <summary>It has an HKID.</summary>
    HkidAssigned,

    /// <summary>Its key is configured on every package.</summary>
    KeysConfigured,

    /// <summary>No vCPU can enter any more.</summary>
    Blocked,

    /// <summary>Its HKID is free again; its pages can be reclaimed.</summary>
    Teardown,
}

/// <summary>Whether a trust domain is being built or runs: OP_STATE.</summary>
public enum TdOpState : byte
{
    /// <summary>MNG.INIT has not been called.</summary>
    Uninitialized,

    /// <summary>Pages can be added and measured.</summary>
    Initialized,

    /// <summary>Finalized: vCPUs can enter.</summary>
    Runnable,
}

/// <summary>A trust domain, as the module knows it.</summary>
internal sealed class Td(Pfn tdr, Hkid hkid)
{
    internal Pfn Tdr { get; } = tdr;

    internal Hkid Hkid { get; } = hkid;

    internal TdLifecycle Lifecycle { get; set; }

    internal TdOpState OpState { get; set; }

    internal SharexLock OpStateLock { get; } = new();

    internal SharexLock SeptTreeLock { get; } = new();

    internal SharexLock EpochLock { get; } = new();

    internal SecureEpt Sept { get; } = new();

    internal TlbEpochs Epochs { get; } = new();

    /// <summary>The packages on which its key is configured.</summary>
    internal uint ConfiguredPackages { get; set; }

    internal bool HasControlStructure { get; set; }

    /// <summary>Its pages, without the root.</summary>
    internal int ChildCount { get; set; }

    internal List<TdVcpu> Vcpus { get; } = [];

    /// <summary>What MR.EXTEND has been told, in order.</summary>
    internal Engine.Fingerprint Measurement = new();
}

/// <summary>A vCPU of a trust domain, as the module knows it.</summary>
internal sealed class TdVcpu(Pfn tdvpr, Td td)
{
    /// <summary>An association with no processor.</summary>
    internal const int Nowhere = -1;

    internal Pfn Tdvpr { get; } = tdvpr;

    internal Td Td { get; } = td;

    internal SharexLock Lock { get; } = new();

    internal bool IsInitialized { get; set; }

    internal bool IsInside { get; set; }

    /// <summary>The processor whose caches may hold its state.</summary>
    internal int AssociatedCpu { get; set; } = Nowhere;

    /// <summary>The epoch of its latest entry; 0 before the first.</summary>
    internal ulong Epoch { get; set; }

    internal ZeroStep ZeroStep { get; } = new();
}
