namespace GmemActors.Actors;

/// <summary>When a page is made the guest's where hardware protects it: where kvm_arch_gmem_prepare() is called.</summary>
/// <remarks>Source: virt/kvm/guest_memfd.c.</remarks>
public enum GmemPrepare
{
    /// <summary>Each time a fault gets the page. The architecture sees that nothing is to be done twice.</summary>
    AtEveryFault,

    /// <summary>When a fault gets a page that is not uptodate: there uptodate means cleared and prepared.</summary>
    Once,

    /// <summary>When the page is looked up or allocated, for every file of the inode that has it bound.</summary>
    AtLookup,
}
