using System.Reflection;
using GmemActors.Actors.Paths;
using GmemActors.Engine;
using GmemActors.Scenarios.Operations;

namespace GmemActors.Scenarios.Conditions;

/// <summary>What scenario files can say with <c>never</c>, <c>sometimes</c> and <c>finally</c>.</summary>
public static class Vocabulary
{
    private static readonly Parameter Gpa = new("gpa", ArgumentType.Gpa);

    /// <summary>What can be said of the state.</summary>
    public static IReadOnlyList<Predicate> Predicates { get; } =
    [
        new("maps", ArgumentType.Vm, "A page is mapped at an address of the guest.")
        {
            Parameters = [Gpa],
            Holds = call => call.Vm(0).Frames.Contains(call.Gfn(1)) && call.Vm(0).Maps(call.Gfn(1)) is not null,
            Over = call => [call.Vm(0)],
        },
        new("maps_same", ArgumentType.Vm, "One page is mapped at an address of the guest and at one of another guest.")
        {
            Parameters = [Gpa, new("vm", ArgumentType.Vm), Gpa],
            Holds = MapsSame,
            Over = call => [call.Vm(0), call.Vm(2)],
        },
        new("has_private", ArgumentType.Vm, "An address of the guest is private: its memory comes from a gmem file.")
        {
            Parameters = [Gpa],
            Holds = call => call.Vm(0).Attributes.IsPrivate(call.Gfn(1)),
            Over = call => [call.Vm(0)],
        },
        new("is_in_kernel", ArgumentType.Vm, "A vCPU is in the kernel, to enter its guest or in a fault: somebody reads under kvm->srcu.")
        {
            Holds = call => call.Vm(0).IsInKernel,
            Over = call => [call.Vm(0)],
        },
        new("deletes_memslot_at", ArgumentType.Vm, "The memslot of an address is being deleted: it is INVALID.")
        {
            Parameters = [Gpa],
            Holds = call => call.Vm(0).MemslotIsGoing(call.Gfn(1)),
            Over = call => [call.Vm(0)],
        },
        new("is_locked", ArgumentType.Inode, "filemap_invalidate_lock is held exclusive: nothing is bound or unbound by anybody else.")
        {
            Holds = call => call.Inode(0).InvalidateLock.Writer is not null,
            Over = call => [call.Inode(0)],
        },
        new("truncated_under_fault", ArgumentType.Inode, "A page left the file while a fault held a reference on it.")
        {
            Holds = call => call.Inode(0).WasTruncatedUnderAFault,
            Over = call => [call.Inode(0)],
        },
        new("is_dying", ArgumentType.File, "The last reference on the file is gone; its release may not have run yet.")
        {
            Holds = call => call.File(0).IsDying,
            Over = call => [call.File(0)],
        },
        new("is_released", ArgumentType.File, "The release of the file has come to its end.")
        {
            Holds = call => call.File(0).IsFreed,
            Over = call => [call.File(0)],
        },
        new("pages", ArgumentType.Inode, "How many pages are in the page cache.")
        {
            Count = call => call.Inode(0).Folios.Count(folio => folio.IsInCache),
            Over = call => [call.Inode(0)],
        },
        new("mapped", ArgumentType.Vm, "How many leaf SPTEs are present, in all roots.")
        {
            Count = call => call.Vm(0).Roots.Sum(root => root.Present),
            Over = call => [call.Vm(0)],
        },
        new("in_progress", ArgumentType.Vm, "mmu_invalidate_in_progress: how many invalidations are open.")
        {
            Count = call => call.Vm(0).Invalidation.InProgress,
            Over = call => [call.Vm(0)],
        },
        new("bindings", ArgumentType.File, "How many memslots are bound to the file.")
        {
            Count = call => call.File(0).Bindings.Count,
            Over = call => [call.File(0)],
        },
        new("references", ArgumentType.File, "How many references there are on the file.")
        {
            Count = call => call.File(0).RefCount,
            Over = call => [call.File(0)],
        },
    ];

    /// <summary>What paths note, by the name of its field in <see cref="Events"/>: only <c>sometimes</c> can name it.</summary>
    public static IReadOnlyList<KeyValuePair<string, string>> NamedEvents { get; } =
    [
        .. from field in typeof(Events).GetFields(BindingFlags.Public | BindingFlags.Static)
           where field.IsLiteral
           orderby field.Name
           select KeyValuePair.Create(KernelNames.Of(field.Name), (string)field.GetRawConstantValue()!),
    ];

    /// <summary>The predicate of that name; null if there is none.</summary>
    public static Predicate? Find(string name) => Predicates.FirstOrDefault(predicate => predicate.Name == name);

    /// <summary>What an event's name stands for; null if there is none.</summary>
    public static string? EventOf(string name) => NamedEvents.FirstOrDefault(known => known.Key == name).Value;

    private static bool MapsSame(Call call)
    {
        var (one, other) = (call.Vm(0), call.Vm(2));
        if (!one.Frames.Contains(call.Gfn(1)) || !other.Frames.Contains(call.Gfn(3))) return false;
        return one.Maps(call.Gfn(1)) is { } pfn && other.Maps(call.Gfn(3)) == pfn;
    }
}
