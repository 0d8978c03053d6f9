using System.Globalization;
using GmemActors.Actors;
using GmemActors.Scenarios.Files;

namespace GmemActors.Scenarios.Operations;

/// <summary>What kind of word an operation or a condition takes: one entry each, here and nowhere else.</summary>
public sealed class ArgumentType
{
    private readonly Func<string, ObjectNames, ulong?> _read;
    private readonly Func<ObjectNames, IEnumerable<string>> _known;

    private ArgumentType(
        string name, string summary, string pattern, Func<string, ObjectNames, ulong?> read, Func<ObjectNames, IEnumerable<string>>? known = null)
    {
        (Name, Summary, Pattern, _read, _known) = (name, summary, pattern, read, known ?? (_ => []));
    }

    /// <summary>A VM of the file.</summary>
    public static ArgumentType Vm { get; } = Object("vm", "a VM", names => names.Vms);

    /// <summary>A gmem file of the file.</summary>
    public static ArgumentType File { get; } = Object("file", "a gmem file", names => names.Files);

    /// <summary>An inode of the file.</summary>
    public static ArgumentType Inode { get; } = Object("inode", "an inode", names => names.Inodes);

    /// <summary>A gmem file, or none: −1 as a descriptor.</summary>
    public static ArgumentType FileOrNone { get; } = new(
        "file|none",
        "a gmem file, or none",
        Word.NamePattern,
        (text, names) => text == "none" ? ulong.MaxValue : IndexOf(names.Files, text),
        names => names.Files.Append("none"));

    /// <summary>A guest-physical address.</summary>
    public static ArgumentType Gpa { get; } = Number("gpa", "a guest-physical address in bytes");

    /// <summary>An address of the user process.</summary>
    public static ArgumentType Hva { get; } = Number("hva", "an address of the user process in bytes");

    /// <summary>An offset or a length in bytes.</summary>
    public static ArgumentType Size { get; } = Number("bytes", "a number of bytes");

    /// <summary>The number of a memslot, as the ioctl takes it: the address space in the bits above 16.</summary>
    public static ArgumentType Slot { get; } = new(
        "slot",
        "the number of a memslot",
        "[0-9]+",
        (text, _) => uint.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var slot) ? slot : null);

    /// <summary>Private or shared.</summary>
    public static ArgumentType Kind { get; } = Choice("private|shared", "the kind of memory", "shared", "private");

    /// <summary>Flags of a memslot.</summary>
    public static ArgumentType SlotFlags { get; } = Flags(
        "flags",
        "KVM_MEM_… of a memslot, joined by '+'",
        ("none", (ulong)KvmMem.None),
        ("guest_memfd", (ulong)KvmMem.GuestMemfd),
        ("readonly", (ulong)KvmMem.Readonly),
        ("log_dirty_pages", (ulong)KvmMem.LogDirtyPages));

    /// <summary>Flags of a gmem file.</summary>
    public static ArgumentType GmemFlags { get; } = Flags(
        "flags",
        "GUEST_MEMFD_FLAG_…, joined by '+'",
        ("none", (ulong)GuestMemfdKind.None),
        ("mmap", (ulong)GuestMemfdKind.Mmap),
        ("init_shared", (ulong)GuestMemfdKind.InitShared));

    /// <summary>The mode of fallocate().</summary>
    public static ArgumentType FallocMode { get; } = Flags(
        "mode",
        "FALLOC_FL_… of fallocate(), joined by '+'",
        ("none", 0),
        ("keep_size", (ulong)Actors.FallocMode.KeepSize),
        ("punch_hole", (ulong)Actors.FallocMode.PunchHole),
        ("collapse_range", (ulong)Actors.FallocMode.CollapseRange),
        ("zero_range", (ulong)Actors.FallocMode.ZeroRange),
        ("insert_range", (ulong)Actors.FallocMode.InsertRange),
        ("unshare_range", (ulong)Actors.FallocMode.UnshareRange));

    /// <summary>The name in the list of operations.</summary>
    public string Name { get; }

    /// <summary>What it is.</summary>
    public string Summary { get; }

    /// <summary>The words it takes, as a regular expression.</summary>
    public string Pattern { get; }

    /// <summary>The value of a word: a number, or the place of an object among those of its kind.</summary>
    /// <exception cref="ScenarioFileException">The word is not of this type.</exception>
    internal Argument Read(Place place, string text, ObjectNames names)
    {
        if (_read(text, names) is { } value) return new(text, value);
        var known = _known(names).ToList();
        throw known.Count > 0 || Pattern == Word.NamePattern
            ? ScenarioFileException.Unknown(place, text, Summary, known)
            : new(place, ScenarioFileException.Quote(text), Pattern == Bytes.Pattern ? $"{Summary} such as 0x1000, 4096, 4K or 2M" : Summary);
    }

    private static ArgumentType Object(string name, string summary, Func<ObjectNames, IReadOnlyList<string>> of) =>
        new(name, summary, Word.NamePattern, (text, names) => IndexOf(of(names), text), of);

    private static ArgumentType Number(string name, string summary) =>
        new(name, summary, Bytes.Pattern, (text, _) => Bytes.TryRead(text, out var bytes) ? bytes : null);

    private static ArgumentType Choice(string name, string summary, params string[] words) => new(
        name, summary, $"({string.Join('|', words)})", (text, _) => IndexOf(words, text), _ => words);

    private static ArgumentType Flags(string name, string summary, params (string Word, ulong Bit)[] flags)
    {
        var words = string.Join('|', flags.Select(flag => flag.Word));
        return new(name, summary, $@"({words})(\+({words}))*", (text, _) => Join(text.Split('+'), flags), _ => flags.Select(flag => flag.Word));
    }

    private static ulong? Join(string[] words, (string Word, ulong Bit)[] flags)
    {
        var bits = 0ul;
        foreach (var word in words)
        {
            var at = Array.FindIndex(flags, flag => flag.Word == word);
            if (at < 0) return null;
            bits |= flags[at].Bit;
        }

        return bits;
    }

    private static ulong? IndexOf(IReadOnlyList<string> names, string text)
    {
        for (var i = 0; i < names.Count; i++)
        {
            if (names[i] == text) return (ulong)i;
        }

        return null;
    }
}

/// <summary>A word of a file with its value: a number, or the place of an object among those of its kind.</summary>
public sealed record Argument(string Text, ulong Value);

/// <summary>The objects that a file declares, by kind, in its order.</summary>
public sealed record ObjectNames(IReadOnlyList<string> Inodes, IReadOnlyList<string> Vms, IReadOnlyList<string> Files);
