using GmemActors.Engine;
using GmemActors.Hardware;

namespace GmemActors.Actors;

/// <summary>The memory of the user process, <c>struct mm_struct</c>: what backs the shared frames of its guests.</summary>
/// <remarks>
/// Simplified: one mapping from address 0 on, all of whose pages are there and stay, as if pinned: no mmu_notifier is called.
/// </remarks>
public sealed class UserMemory : Actor
{
    private readonly Pfn[] _pages;

    /// <summary>A mapping of so many pages of the host's memory.</summary>
    public UserMemory(string name, PhysicalMemory memory, int pageCount) : base(name)
    {
        _pages = new Pfn[pageCount];
        for (var i = 0; i < pageCount; i++) _pages[i] = memory.Take(this);
    }

    /// <summary>How many pages are mapped.</summary>
    public int PageCount => _pages.Length;

    /// <inheritdoc/>
    protected override Reply Handle(KernelTask sender, Message message) => message switch
    {
        GetUserPage get => get.Reply(get.Address < (ulong)_pages.Length << Pages.Shift ? _pages[get.Address >> Pages.Shift] : null),
        _ => throw Unexpected(message),
    };
}

/// <summary>The frame behind a user address; none if nothing is mapped there.</summary>
public sealed record GetUserPage(ulong Address) : Query<Pfn?>;
