namespace GmemActors.Hardware;

/// <summary>A virtual machine privilege level: 0 may most.</summary>
public enum Vmpl : byte
{
    /// <summary>The most privileged.</summary>
    L0,

    /// <summary>Less.</summary>
    L1,

    /// <summary>Less still.</summary>
    L2,

    /// <summary>The least privileged.</summary>
    L3,
}

/// <summary>What a VMPL may do to a page.</summary>
/// <remarks>Source: AMD APM vol 2 table 15-36.</remarks>
[Flags]
public enum VmplPermissions : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>Read.</summary>
    Read = 1,

    /// <summary>Write; without <see cref="Read"/> an illegal combination, with which data accesses fault.</summary>
    Write = 2,

    /// <summary>Execute in user mode.</summary>
    ExecuteUser = 4,

    /// <summary>Execute in supervisor mode.</summary>
    ExecuteSupervisor = 8,

    /// <summary>Supervisor shadow stack.</summary>
    ShadowStack = 16,

    /// <summary>Everything: what VMPL0 has after an assignment.</summary>
    All = Read | Write | ExecuteUser | ExecuteSupervisor | ShadowStack,
}

/// <summary>Who executes inside an SNP guest.</summary>
public readonly record struct SnpContext(Asid Asid, Vmpl Vmpl)
{
    /// <inheritdoc/>
    public override string ToString() => $"asid {Asid} vmpl{(int)Vmpl}";
}
