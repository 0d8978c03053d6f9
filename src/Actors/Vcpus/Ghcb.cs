using GmemActors.Engine;

namespace GmemActors.Actors;

/// <summary>
/// The page through which an SEV guest and its hypervisor speak, of one vCPU: here the buffer of a page state change in it.
/// </summary>
/// <remarks>
/// Source: arch/x86/include/asm/sev-common.h, struct snp_psc_desc. It is shared memory of the guest: every vCPU of it may write there
/// at any time. Simplified: of the GHCB this buffer alone.
/// </remarks>
public sealed class Ghcb : Actor
{
    private readonly PscEntry[] _entries;
    private PscHeader _header;

    /// <summary>A buffer, zero, in a scratch area that has room for so many entries.</summary>
    public Ghcb(string name, int capacity = MaxEntries, bool isInGhcb = true) : base(name)
    {
        _entries = new PscEntry[capacity];
        IsInGhcb = isInGhcb;
    }

    /// <summary>How many entries fit into the GHCB's own scratch area: <c>VMGEXIT_PSC_MAX_COUNT</c>.</summary>
    public const int MaxEntries = 253;

    /// <summary>For how many entries the guest's scratch area has room. Immutable.</summary>
    public int Capacity => _entries.Length;

    /// <summary>Whether the scratch area is in the GHCB, as its second version wants it. Immutable.</summary>
    public bool IsInGhcb { get; }

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case ReadPscHeader read:
                return read.Reply(_header);
            case WritePscHeader write:
                _header = write.Header;
                return Reply.Done;
            case WritePscCurEntry write:
                _header = _header with { CurEntry = (ushort)write.Index };
                return Reply.Done;
            case ReadPscEntry read:
                return read.Reply(IsInside(sender, read.Index) ? _entries[read.Index] : default);
            case WritePscEntry write:
                if (IsInside(sender, write.Index)) _entries[write.Index] = write.Entry;
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }

    private bool IsInside(KernelTask sender, int index) =>
        !sender.WarnOn(index >= _entries.Length, "BUG: KASAN: slab-out-of-bounds in snp_begin_psc");
}

/// <summary>Reads the header of the page state change.</summary>
public sealed record ReadPscHeader : Query<PscHeader>
{
    /// <summary>The message, which has no arguments.</summary>
    public static readonly ReadPscHeader Now = new();
}

/// <summary>Writes the header, as the guest does.</summary>
public sealed record WritePscHeader(PscHeader Header) : Message<Done>;

/// <summary>Writes how far the page state change is.</summary>
public sealed record WritePscCurEntry(int Index) : Message<Done>;

/// <summary>Reads an entry.</summary>
public sealed record ReadPscEntry(int Index) : Query<PscEntry>;

/// <summary>Writes an entry.</summary>
public sealed record WritePscEntry(int Index, PscEntry Entry) : Message<Done>;
