using GmemActors.Engine;

namespace GmemActors.Hardware;

/// <summary>
/// The host's memory and its page allocator: whose each frame is, and whether what it holds is its owner's.
/// </summary>
/// <remarks>
/// A frame keeps its content when it is freed, as the kernel's pages do, and the frame freed last is allocated first: so a use
/// after free meets the next owner soon.
/// </remarks>
public sealed class PhysicalMemory : Actor
{
    private const uint FirstPfn = 0x1000;

    private readonly Frame[] _frames;
    private readonly int[] _free;

    /// <summary>So many frames, all of them free and zero.</summary>
    public PhysicalMemory(string name, int frameCount) : base(name)
    {
        _frames = new Frame[frameCount];
        _free = new int[frameCount];
        FreeCount = frameCount;
        for (var i = 0; i < frameCount; i++) _free[i] = frameCount - 1 - i;
    }

    /// <summary>How many frames are free.</summary>
    public int FreeCount { get; private set; }

    /// <summary>The first access that went to memory which was not the accessor's; null if there was none.</summary>
    public string? Misuse { get; private set; }

    /// <summary>How many frames there are.</summary>
    public int FrameCount => _frames.Length;

    /// <summary>Whose a frame is; null if it is free.</summary>
    public Actor? OwnerOf(Pfn pfn) => At(pfn).Owner;

    /// <summary>How many frames are <paramref name="owner"/>'s.</summary>
    public int CountOf(Actor owner)
    {
        var count = 0;
        foreach (ref var frame in _frames.AsSpan()) count += frame.Owner == owner ? 1 : 0;
        return count;
    }

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case GuestAccess access:
                Access(access.Pfn);
                return Reply.Done;
            case AllocPage alloc:
                // Simplified: every allocation is GFP_KERNEL, which may reclaim.
                sender.MightSleep(alloc.KernelName);
                return alloc.Reply(Allocate(alloc.Owner));
            case ClearPage clear:
                At(clear.Pfn).WrittenIn = 0;
                return Reply.Done;
            case FreePage free:
                Free(free.Pfn);
                return Reply.Done;
            default:
                throw Unexpected(message);
        }
    }

    private Pfn? Allocate(Actor owner)
    {
        if (FreeCount == 0) return null;
        var number = _free[--FreeCount];
        ref var frame = ref _frames[number];
        frame.Owner = owner;
        frame.Generation++;
        return new Pfn(FirstPfn + (uint)number);
    }

    private void Free(Pfn pfn)
    {
        ref var frame = ref At(pfn);
        if (frame.Owner is null)
        {
            Misuse ??= $"frame {pfn} is freed twice";
            return;
        }

        frame.Owner = null;
        _free[FreeCount++] = (int)(pfn.Value - FirstPfn);
    }

    private void Access(Pfn pfn)
    {
        ref var frame = ref At(pfn);
        var isCleared = frame.WrittenIn == 0 || frame.WrittenIn == frame.Generation;
        if (frame.Owner is null) Misuse ??= $"a guest uses frame {pfn}, which is free";
        else if (!isCleared) Misuse ??= $"a guest reads what an earlier owner left in frame {pfn}";
        frame.WrittenIn = frame.Generation;
    }

    private ref Frame At(Pfn pfn) => ref _frames[pfn.Value - FirstPfn];

    private struct Frame
    {
        internal Actor? Owner;

        // How often it was allocated, and in which of these lives it was written last; 0: it is zero.
        internal int Generation;
        internal int WrittenIn;
    }
}

/// <summary>Allocates a frame; replies none if all are taken.</summary>
public sealed record AllocPage(Actor Owner) : Message<Pfn?>;

/// <summary>Gives a frame back.</summary>
public sealed record FreePage(Pfn Pfn) : Message<Done>;

/// <summary>Fills a frame with zeroes.</summary>
public sealed record ClearPage(Pfn Pfn) : Message<Done>;

/// <summary>A guest reads a frame and writes it.</summary>
public sealed record GuestAccess(Pfn Pfn) : Message<Done>;
