using System.Globalization;
using GmemActors.Actors;
using GmemActors.Scenarios.Operations;

namespace GmemActors.Scenarios.Files;

public sealed partial class ScenarioParser
{
    /// <summary>As many objects of a kind as a file may have.</summary>
    internal const int MostObjects = 8;

    /// <summary>As much memory as a VM or the user process may have: every page costs in each execution.</summary>
    internal const ulong MostMemory = 4 << 20;

    private const ulong EndOfGpas = 1ul << 52;
    private const int MostFrames = 1 << 16;
    private const int MostSlots = 64;

    // The objects that are always there.
    private static readonly string[] TakenNames = ["memory", "rcu", "files", "mm", "order", "rmp", "tdx"];

    private readonly SortedSet<string> _taken = new(TakenNames, StringComparer.Ordinal);

    private MachineText ReadMachine()
    {
        if (_file.Find("machine") is not { } node) return new();
        if (node is YamlText) return new(ReadKind(node));
        var fields = new Fields(node, "a machine", "type", "frames", "faults");
        var faults = FaultKind.None;
        if (fields.Find("faults") is { } kinds)
        {
            foreach (var word in Items(kinds, "a kind of fault").Select(item => Word.Of(item, "a kind of fault")))
            {
                var known = MachineWords.Faults.FirstOrDefault(fault => fault.Word == word.Letters);
                if (known.Word is null)
                {
                    throw ScenarioFileException.Unknown(word.Place, word.Letters, "a kind of fault", MachineWords.Faults.Select(fault => fault.Word));
                }

                faults |= known.Kind;
            }
        }

        var kind = fields.Find("type") is { } type ? ReadKind(type) : VmType.SwProtected;
        var frames = fields.Find("frames") is { } count ? ReadCount(count, "the number of the host's frames", MostFrames) : 0;
        return new(kind, frames, faults);
    }

    private static VmType ReadKind(YamlNode node)
    {
        var word = Word.Of(node, "the type of a machine");
        var known = MachineWords.Kinds.FirstOrDefault(kind => kind.Word == word.Letters);
        return known.Word is not null
            ? known.Type
            : throw ScenarioFileException.Unknown(word.Place, word.Letters, "the type of a machine", MachineWords.Kinds.Select(kind => kind.Word));
    }

    private static int ReadCount(YamlNode node, string what, int most)
    {
        var expected = $"{what}: 1 to {most}";
        var word = Word.Of(node, expected);
        return int.TryParse(word.Letters, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1 && count <= most
            ? count
            : throw new ScenarioFileException(word.Place, word.What, expected);
    }

    private ScenarioFile ReadObjects(ScenarioFile file)
    {
        var (inodes, vms) = (Entries("inodes", "inodes", MostObjects), Entries("vms", "VMs", MostObjects));
        var files = Entries("files", "gmem files", MostObjects);
        _names = new(Declare(inodes, "an inode"), Declare(vms, "a VM"), Declare(files, "a gmem file"));
        file = file with
        {
            UserMemory = _file.Find("user_memory") is { } size ? ReadSize(size, "the memory of the user process", MostMemory) : file.UserMemory,
            Inodes = [.. inodes.Select(entry => new InodeText(entry.Key.Text, ReadSize(entry.Value, "the size of an inode", long.MaxValue)))],
            Files = [.. files.Select(ReadGmemFile)],
        };
        if (file.Machine.Frames > 0 && (ulong)file.Machine.Frames << Pages.Shift < file.UserMemory.Value)
        {
            throw new ScenarioFileException(_file.Get("machine").Place, $"{file.Machine.Frames} frames", "enough for 'user_memory'");
        }

        return file with { Vms = [.. vms.Select((entry, index) => ReadVm(file, entry, (ulong)index))] };
    }

    private List<string> Declare(IReadOnlyList<YamlEntry> entries, string what) => [.. entries.Select(entry => Declare(entry.Key, what))];

    private string Declare(YamlText key, string what)
    {
        var name = Word.NameOf(key, what);
        return _taken.Add(name) ? name : throw new ScenarioFileException(key.Place, $"{key.What} again", $"a name of {what} that nothing else has");
    }

    private GmemFileText ReadGmemFile(YamlEntry entry)
    {
        var fields = new Fields(entry.Value, "a gmem file", "vm", "inode");
        return new(entry.Key.Text, ReadName(fields.Get("vm"), ArgumentType.Vm), ReadName(fields.Get("inode"), ArgumentType.Inode));
    }

    private Argument ReadName(YamlNode node, ArgumentType type)
    {
        var word = Word.Of(node, type.Summary);
        return type.Read(word.Place, word.Letters, _names);
    }

    private VmText ReadVm(ScenarioFile file, YamlEntry entry, ulong index)
    {
        var fields = new Fields(entry.Value, "a VM", "memory", "private", "slots");
        var memory = ReadRange(fields.Get("memory"), "the addresses that the guest can name", null);
        var slots = fields.Find("slots") switch
        {
            null => [],
            YamlMap map when map.Entries.Count <= MostSlots => map.Entries,
            YamlMap map => throw new ScenarioFileException(map.Place, $"{map.Entries.Count} memslots", $"at most {MostSlots}"),
            { } other => throw new ScenarioFileException(other.Place, other.What, "memslots, each by its number"),
        };
        var read = new List<SlotText>();
        foreach (var slot in slots) read.Add(ReadSlot(file, slot, memory, index, read));
        const string what = "'all', or a range of private addresses";
        var isPrivate = fields.Find("private");
        var isAll = isPrivate is YamlText { Text: "all" };
        IReadOnlyList<GpaRange> ranges = isPrivate is null || isAll ? [] : [.. Items(isPrivate, what).Select(item => ReadRange(item, what, memory))];
        return new(entry.Key.Text, memory, isAll, ranges, read);
    }

    private SlotText ReadSlot(ScenarioFile file, YamlEntry entry, GpaRange memory, ulong vm, List<SlotText> before)
    {
        var key = entry.Key;
        var fields = new Fields(entry.Value, "a memslot", "range", "file", "offset", "hva");
        if (!uint.TryParse(key.Text, NumberStyles.None, CultureInfo.InvariantCulture, out var id) || id >= 32764)
        {
            throw new ScenarioFileException(key.Place, key.What, "the number of a memslot: 0 to 32763");
        }

        var range = ReadRange(fields.Get("range"), "the addresses of a memslot", memory);
        var bound = fields.Find("file") is { } name ? ReadName(name, ArgumentType.File) : null;
        var offset = fields.Find("offset") is { } from ? ReadAligned(from, "the byte of the file at the first address") : new Argument("0", 0);
        var hva = fields.Find("hva") is { } address ? ReadAligned(address, "the user's address") : null;
        var slot = new SlotText(id, range, bound, offset, hva);
        var problem = before.Exists(other => other.Id == id) ? ("a number that another memslot has", "one of its own")
            : before.Exists(other => Overlap(other.Range, range)) ? ("addresses that another memslot has", "addresses of its own")
            : bound is null ? (hva is null ? ("a memslot without 'file' and without 'hva'", "one of them") : default)
            : file.Files[(int)bound.Value].Vm.Value != vm ? ($"{bound.Text}, which is another VM's", "a gmem file of this VM")
            : range.Size.Value > SizeOf(file, bound) || offset.Value > SizeOf(file, bound) - range.Size.Value ? ("pages beyond the end of the inode", "pages that it has")
            : before.Exists(other => SharePages(other, slot)) ? ("pages of the file that another memslot is bound to", "pages of its own")
            : default;
        return problem.Item1 is null ? slot : throw new ScenarioFileException(key.Place, problem.Item1, problem.Item2);
    }

    private static ulong SizeOf(ScenarioFile file, Argument bound) =>
        file.Inodes[(int)file.Files[(int)bound.Value].Inode.Value].Size.Value;

    private static bool SharePages(SlotText one, SlotText other) =>
        one.File is not null
        && one.File.Value == other.File?.Value
        && one.Offset.Value < other.Offset.Value + other.Range.Size.Value
        && other.Offset.Value < one.Offset.Value + one.Range.Size.Value;

    private static bool Overlap(GpaRange one, GpaRange other) =>
        one.Gpa.Value < other.Gpa.Value + other.Size.Value && other.Gpa.Value < one.Gpa.Value + one.Size.Value;

    private static GpaRange ReadRange(YamlNode node, string what, GpaRange? inside)
    {
        var expected = $"{what}: an address and a size, such as 0x100000 8K";
        var words = Word.AllOf(Word.Text(node, expected));
        if (words.Count != 2) throw new ScenarioFileException(node.Place, node.What, expected);
        var (gpa, size) = (ReadWord(words[0], expected), ReadWord(words[1], expected));
        if (!Pages.IsAligned(gpa.Value)) throw new ScenarioFileException(words[0].Place, words[0].What, "an address of a page");
        if (!Pages.IsAligned(size.Value) || size.Value == 0) throw new ScenarioFileException(words[1].Place, words[1].What, "a size of whole pages");
        var range = new GpaRange(gpa, size);
        if (inside is null && size.Value > MostMemory) throw new ScenarioFileException(words[1].Place, words[1].What, "at most 4M");
        if (gpa.Value >= EndOfGpas || size.Value > EndOfGpas) throw new ScenarioFileException(words[0].Place, words[0].What, "an address below 2^52");
        if (inside is null || (gpa.Value >= inside.Gpa.Value && gpa.Value + size.Value <= inside.Gpa.Value + inside.Size.Value)) return range;
        throw new ScenarioFileException(node.Place, node.What, $"addresses of the guest's memory, {inside.Gpa.Text} {inside.Size.Text}");
    }

    private static Argument ReadWord(Word word, string expected) =>
        Bytes.TryRead(word.Letters, out var bytes) ? new(word.Letters, bytes) : throw new ScenarioFileException(word.Place, word.What, expected);

    private static Argument ReadAligned(YamlNode node, string what)
    {
        var bytes = Word.BytesOf(node, what);
        return Pages.IsAligned(bytes.Value) && bytes.Value < 1ul << 63 ? bytes : throw new ScenarioFileException(node.Place, node.What, $"{what}, of whole pages");
    }

    private static Argument ReadSize(YamlNode node, string what, ulong most)
    {
        var size = ReadAligned(node, what);
        if (size.Value == 0 || size.Value > most) throw new ScenarioFileException(node.Place, node.What, $"{what}, from 4K to 0x{most & ~0xffful:x}");
        return size;
    }
}
