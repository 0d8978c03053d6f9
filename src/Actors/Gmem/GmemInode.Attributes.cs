using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

// What its pages are, where an inode says so and not a VM; and who else refers to them, which a conversion asks.
public sealed partial class GmemInode
{
    private readonly GmemAttributes _attributes;
    private readonly Field _attributesField;

    /// <summary>What its pages are, for properties.</summary>
    internal GmemAttributes Attributes => _attributes;

    /// <summary>Converts pages before the world runs.</summary>
    public void Convert(PageRange range, KvmMemoryAttributes attributes) => _attributes.Store(range, attributes);

    private Reply HandleAttributes(KernelTask sender, Message message)
    {
        switch (message)
        {
            case MtreeLoad load:
                Lockdep.AssertHeld(sender, InvalidateLock, LockMode.Shared);
                _attributesField.Read(sender);
                return load.Reply(_attributes.At(load.Index));
            case KvmGmemRangeHasAttributes has:
                Lockdep.AssertHeld(sender, InvalidateLock, LockMode.Shared);
                _attributesField.Read(sender);
                return has.Reply(_attributes.AreAll(has.Range, has.Attributes));
            case MasStorePrealloc store:
                Lockdep.AssertHeld(sender, InvalidateLock);
                _attributesField.Write(sender);
                _attributes.Store(store.Range, store.Attributes);
                return Reply.Done;
            case FolioRefCount count:
                return count.Reply(Get(count.Pfn).RefCount);
            case FolioTryGet get:
                return get.Reply(TryGet(Find(get.Pfn)));
            default:
                return HandleLarge(sender, message);
        }
    }

    private static bool TryGet(Folio? folio)
    {
        if (folio is null) return false;
        folio.RefCount++;
        return true;
    }
}

/// <summary>What a page is; the invalidate lock is held: <c>mtree_load()</c>.</summary>
public sealed record MtreeLoad(Pgoff Index) : Query<KvmMemoryAttributes>;

/// <summary>Whether all pages of a range are of a kind.</summary>
public sealed record KvmGmemRangeHasAttributes(PageRange Range, KvmMemoryAttributes Attributes) : Query<bool>;

/// <summary>Says of a range what its pages are: <c>mas_store_prealloc()</c>, which cannot fail.</summary>
public sealed record MasStorePrealloc(PageRange Range, KvmMemoryAttributes Attributes) : Message<Done>;

/// <summary>How many refer to a folio: <c>folio_ref_count()</c>.</summary>
public sealed record FolioRefCount(Pfn Pfn) : Query<int>;

/// <summary>Takes a reference on a folio that may be gone; replies whether it was there: <c>folio_try_get()</c>.</summary>
public sealed record FolioTryGet(Pfn Pfn) : Message<bool>;
