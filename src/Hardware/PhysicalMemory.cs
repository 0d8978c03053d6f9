using GmemActors.Engine;

namespace GmemActors.Hardware;

/// <summary>
/// The host's memory and its page allocator: whose each frame is, and whether what it holds is its owner's.
/// </summary>
/// <remarks>
/// A frame keeps its content when it is freed, as the kernel's pages do, and the frame freed last is allocated first: so a use
/// after free meets the next owner soon. Of the content it is known through which key it was written, and in which of the frame's
/// lives. Source for keys and poison: Documentation/arch/x86/tdx.rst, Documentation/virt/kvm/x86/amd-memory-encryption.rst.
/// </remarks>
// Simplified: a frame has one content, and caches are coherent with it: CLFLUSH and WBINVD change nothing that can be seen.
public sealed class PhysicalMemory : Actor
{
    private const uint FirstPfn = 0x1000;

    private readonly Frame[] _frames;
    private readonly int[] _free;
    private readonly MachineOptions _options;

    /// <summary>So many frames, all of them free and zero.</summary>
    public PhysicalMemory(string name, int frameCount, MachineOptions? options = null) : base(name)
    {
        _options = options ?? MachineOptions.Default;
        _frames = new Frame[frameCount];
        _free = new int[frameCount];
        FreeCount = frameCount;
        for (var i = 0; i < frameCount; i++) _free[i] = frameCount - 1 - i;
    }

    /// <summary>The first frame.</summary>
    public static Pfn First => new(FirstPfn);

    /// <summary>How many frames are free.</summary>
    public int FreeCount { get; private set; }

    /// <summary>The first access that went to memory which was not the accessor's; null if there was none.</summary>
    public string? Misuse { get; private set; }

    /// <summary>The first read of what was written through another key; null if there was none. Garbage, but no leak.</summary>
    public string? Garbled { get; private set; }

    /// <summary>The first read with a guest's own key of what was written through another; null if there was none. The guest's memory was changed.</summary>
    public string? GuestGarbled { get; private set; }

    /// <summary>The first read of a poisoned line, which is #MC; null if there was none.</summary>
    public string? MachineCheck { get; private set; }

    /// <summary>The frame that was freed last; none if none was.</summary>
    public Pfn? Freed { get; private set; }

    /// <summary>How many frames there are.</summary>
    public int FrameCount => _frames.Length;

    /// <summary>Whose a frame is; null if it is free.</summary>
    public Actor? OwnerOf(Pfn pfn) => At(pfn).Owner;

    /// <summary>What a read of a frame through a key would give.</summary>
    public Content ContentOf(Pfn pfn, KeyId key)
    {
        ref var frame = ref At(pfn);
        if (frame.IsPoisoned) return new(ContentKind.Poison, frame.Key, IsStale: false);
        if (frame.WrittenIn == 0) return new(ContentKind.Zero, frame.Key, IsStale: false);
        if (frame.Key != key) return new(ContentKind.Ciphertext, frame.Key, IsStale: false);
        return new(ContentKind.Data, key, IsStale: frame.WrittenIn != frame.Generation);
    }

    /// <summary>How many frames are <paramref name="owner"/>'s.</summary>
    public int CountOf(Actor owner)
    {
        var count = 0;
        foreach (ref var frame in _frames.AsSpan()) count += frame.Owner == owner ? 1 : 0;
        return count;
    }

    /// <summary>The frame that is given away next; none if all are taken.</summary>
    public Pfn? Next => FreeCount == 0 ? null : new Pfn(FirstPfn + (uint)_free[FreeCount - 1]);

    /// <summary>Gives away a frame before the world runs.</summary>
    public Pfn Take(Actor owner)
    {
        var pfn = Allocate(owner);
        Check.That(pfn is not null);
        return pfn.Value;
    }

    /// <summary>Gives away <c>1 &lt;&lt; order</c> frames before the world runs, one page of that order; says the first.</summary>
    public Pfn Take(Actor owner, int order)
    {
        var pfn = Allocate(owner, order);
        Check.That(pfn is not null);
        return pfn.Value;
    }

    /// <summary>Writes a frame through a key before the world runs.</summary>
    public void Fill(Pfn pfn, KeyId key) => Write(pfn, key);

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message)
    {
        switch (message)
        {
            case GuestAccess access:
                Read(access.Pfn, access.Key, "a guest");
                Write(access.Pfn, access.Key);
                return Reply.Done;
            case ReadPage read:
                return read.Reply(Read(read.Pfn, read.Key, "somebody"));
            case WritePage write:
                NoteUse(write.Pfn, "somebody");
                Write(write.Pfn, write.Key);
                return Reply.Done;
            case WritePartOfLine write:
                NoteUse(write.Pfn, "somebody");
                WritePart(write.Pfn, write.Key);
                return Reply.Done;
            case AllocPage alloc:
                // Simplified: every allocation is GFP_KERNEL, which may reclaim.
                sender.MightSleep("alloc_page");
                return alloc.Reply(Allocate(alloc.Owner));
            case AllocPages alloc:
                sender.MightSleep("alloc_pages");
                return alloc.Reply(Allocate(alloc.Owner, alloc.Order));
            case SplitPage split:
                var head = HeadOf(split.Pfn);
                foreach (ref var frame in _frames.AsSpan(head, 1 << _frames[head].Order)) (frame.Order, frame.Tail) = (0, 0);
                return Reply.Done;
            case ClearPage clear:
                Clear(clear.Pfn, clear.Key);
                return Reply.Done;
            case ClearPages clear:
                for (var i = 0u; i < clear.Count; i++) Clear(new(clear.Pfn.Value + i), default);
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

    // The lowest that is aligned to its size and all free. Few blocks, so that a walk is cheap.
    private Pfn? Allocate(Actor owner, int order)
    {
        if (order == 0) return Allocate(owner);
        var count = 1 << order;
        for (var head = 0; head + count <= _frames.Length; head += count)
        {
            var block = _frames.AsSpan(head, count);
            if (!IsFree(block)) continue;
            for (var i = 0; i < count; i++)
            {
                block[i].Owner = owner;
                block[i].Generation++;
                (block[i].Order, block[i].Tail) = ((byte)order, i);
            }

            Forget(head, count);
            return new Pfn(FirstPfn + (uint)head);
        }

        return null;
    }

    private static bool IsFree(ReadOnlySpan<Frame> block)
    {
        foreach (ref readonly var frame in block)
        {
            if (frame.Owner is not null) return false;
        }

        return true;
    }

    private void Forget(int head, int count)
    {
        var left = 0;
        for (var i = 0; i < FreeCount; i++)
        {
            if (_free[i] < head || _free[i] >= head + count) _free[left++] = _free[i];
        }

        FreeCount = left;
    }

    private int HeadOf(Pfn pfn) => (int)(pfn.Value - FirstPfn) - At(pfn).Tail;

    // All of the page that the frame is of; the frames of it that are left free are given away from the first on.
    private void Free(Pfn pfn)
    {
        var head = HeadOf(pfn);
        var count = 1 << _frames[head].Order;
        for (var i = count - 1; i >= 0; i--) FreeOne(new(FirstPfn + (uint)(head + i)));
    }

    private void FreeOne(Pfn pfn)
    {
        ref var frame = ref At(pfn);
        if (frame.Owner is null)
        {
            Misuse ??= $"frame {pfn} is freed twice";
            return;
        }

        frame.Owner = null;
        (frame.Order, frame.Tail) = (0, 0);
        Freed = pfn;
        _free[FreeCount++] = (int)(pfn.Value - FirstPfn);
    }

    private Content Read(Pfn pfn, KeyId key, string who)
    {
        NoteUse(pfn, who);
        var content = ContentOf(pfn, key);
        if (content.IsStale) Misuse ??= $"{who} reads what an earlier owner left in frame {pfn}";
        if (content.Kind == ContentKind.Ciphertext) Garbled ??= $"frame {pfn} of {content.Key} is read with {key}";
        if (content.Kind == ContentKind.Ciphertext && key.Kind == KeyKind.Asid) GuestGarbled ??= $"frame {pfn} of {content.Key} is read with {key}";
        if (content.Kind == ContentKind.Poison) MachineCheck ??= $"poison in frame {pfn} is read with {key}";
        return content;
    }

    private void NoteUse(Pfn pfn, string who)
    {
        if (At(pfn).Owner is null) Misuse ??= $"{who} uses frame {pfn}, which is free";
    }

    private void Write(Pfn pfn, KeyId key)
    {
        ref var frame = ref At(pfn);
        frame.WrittenIn = frame.Generation;
        frame.Key = key;
        frame.IsPoisoned = false;
    }

    private void Clear(Pfn pfn, KeyId key)
    {
        Write(pfn, key);
        At(pfn).WrittenIn = 0;
    }

    private void WritePart(Pfn pfn, KeyId key)
    {
        ref var frame = ref At(pfn);
        var isForeign = frame.Key.Kind == KeyKind.Hkid && frame.Key != key;
        var isPoisoned = frame.IsPoisoned || (_options.TdxPartialWriteErratum && isForeign);
        if (!isPoisoned) Write(pfn, key);
        frame.IsPoisoned = isPoisoned;
    }

    private ref Frame At(Pfn pfn) => ref _frames[pfn.Value - FirstPfn];

    private struct Frame
    {
        internal Actor? Owner;

        // How often it was allocated, and in which of these lives it was written last; 0: it is zero.
        internal int Generation;
        internal int WrittenIn;

        // Through which key it was written last, be it with zeroes.
        internal KeyId Key;
        internal bool IsPoisoned;

        // The order of the page that it was allocated in, and how far behind that page's first frame it is.
        internal byte Order;
        internal int Tail;
    }
}

/// <summary>Allocates a frame; replies none if all are taken.</summary>
public sealed record AllocPage(Actor Owner) : Message<Pfn?>;

/// <summary>Allocates a page of <c>1 &lt;&lt; order</c> frames, aligned to its size; replies the first, none if there are not so many together.</summary>
public sealed record AllocPages(Actor Owner, int Order) : Message<Pfn?>;

/// <summary>Makes a page of many frames as many pages: each is freed by itself from now on.</summary>
public sealed record SplitPage(Pfn Pfn) : Message<Done>;

/// <summary>Fills the frames of a page with zeroes.</summary>
public sealed record ClearPages(Pfn Pfn, uint Count) : Message<Done>;

/// <summary>Gives back the page that a frame is of.</summary>
public sealed record FreePage(Pfn Pfn) : Message<Done>;

/// <summary>Fills a frame, whole lines, with zeroes through a key: poison goes.</summary>
public sealed record ClearPage(Pfn Pfn, KeyId Key = default) : Message<Done>;

/// <summary>A guest reads a frame and writes it through a key.</summary>
public sealed record GuestAccess(Pfn Pfn, KeyId Key = default) : Message<Done>;

/// <summary>Reads a frame through a key.</summary>
public sealed record ReadPage(Pfn Pfn, KeyId Key = default) : Message<Content>;

/// <summary>Writes a frame, whole lines, through a key: poison goes.</summary>
public sealed record WritePage(Pfn Pfn, KeyId Key = default) : Message<Done>;

/// <summary>Writes less than a line of a frame through a key: with the wrong one it may poison.</summary>
public sealed record WritePartOfLine(Pfn Pfn, KeyId Key = default) : Message<Done>;
