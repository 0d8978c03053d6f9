using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace GmemActors.Scenarios.Files;

/// <summary>Reads the part of YAML that scenarios need: one document of mappings, lists and text; no anchors, tags or tabs.</summary>
/// <remarks>What cannot be a scenario is refused before it costs anything: depth and size have limits, and an alias is an error.</remarks>
internal sealed class YamlReader
{
    /// <summary>As many letters as a file may have.</summary>
    internal const int LongestFile = 1 << 18;

    private const int Deepest = 16;
    private readonly Parser _parser;
    private int _depth;

    private YamlReader(string text) => _parser = new Parser(new Scanner(new System.IO.StringReader(text), skipComments: true));

    /// <summary>The root of the document.</summary>
    /// <exception cref="ScenarioFileException">The text is not such a document.</exception>
    internal static YamlNode Read(string text)
    {
        if (text.Length > LongestFile)
        {
            throw new ScenarioFileException(Place.Start, $"{text.Length} letters", $"at most {LongestFile}");
        }

        CheckLetters(text);
        return new YamlReader(text).ReadDocument();
    }

    private static string OneLine(string message)
    {
        // The library puts the place in front of some messages.
        var end = message.StartsWith('(') ? message.IndexOf("): ", StringComparison.Ordinal) : -1;
        return string.Concat((end < 0 ? message : message[(end + 3)..]).TrimEnd('.').Select(letter => char.IsControl(letter) ? ' ' : letter));
    }

    private static void CheckLetters(string text)
    {
        var place = Place.Start;
        for (var i = 0; i < text.Length; i++)
        {
            var letter = text[i];
            if (letter == '\n')
            {
                place = new(place.Line + 1, 1);
                continue;
            }

            if (letter == '\t') throw new ScenarioFileException(place, "a tab", "spaces");
            var isLineEnd = letter == '\r' && i + 1 < text.Length && text[i + 1] == '\n';
            var isText = !char.IsControl(letter) && letter is not ('\u2028' or '\u2029' or '\ufeff' or '\ufffe' or '\uffff');
            if (!isText && !isLineEnd) throw new ScenarioFileException(place, $"the control character U+{(int)letter:X4}", "text");
            place = place.Right(1);
        }
    }

    private YamlNode ReadDocument()
    {
        Expect<StreamStart>();
        if (Next is StreamEnd) throw new ScenarioFileException(Place.Start, "nothing", "a scenario, which begins with 'scenario: NAME'");
        Expect<DocumentStart>();
        var root = ReadNode();
        Expect<DocumentEnd>();
        return Next is StreamEnd ? root : throw new ScenarioFileException(PlaceOf(Next.Start), "a second document", "one scenario in a file");
    }

    private YamlNode ReadNode()
    {
        if (Next is AnchorAlias alias) throw new ScenarioFileException(PlaceOf(alias.Start), "an alias", "the text itself");
        var start = (NodeEvent)Next;
        var place = PlaceOf(start.Start);
        if (!start.Anchor.IsEmpty) throw new ScenarioFileException(place, "an anchor", "text without '&'");
        if (!start.Tag.IsEmpty) throw new ScenarioFileException(place, "a tag", "text without '!'");
        if (_depth == Deepest) throw new ScenarioFileException(place, $"more than {Deepest} levels", "fewer");
        _depth++;
        YamlNode node = start switch
        {
            Scalar => ReadText(),
            SequenceStart => ReadList(place),
            _ => ReadMap(place),
        };
        _depth--;
        return node;
    }

    private YamlText ReadText()
    {
        var scalar = Expect<Scalar>();
        var (place, lines) = (PlaceOf(scalar.Start), scalar.End.Line - scalar.Start.Line);
        var isPlain = scalar.Style == ScalarStyle.Plain;
        var isSimple = lines == 0 && (isPlain || scalar.Style is ScalarStyle.SingleQuoted or ScalarStyle.DoubleQuoted);
        return new(place, scalar.Value, isSimple ? place.Right(isPlain ? 0 : 1) : null);
    }

    private YamlList ReadList(Place place)
    {
        Expect<SequenceStart>();
        var items = new List<YamlNode>();
        while (Next is not SequenceEnd) items.Add(ReadNode());
        Expect<SequenceEnd>();
        return new(place, items);
    }

    private YamlMap ReadMap(Place place)
    {
        Expect<MappingStart>();
        var (entries, keys) = (new List<YamlEntry>(), new SortedSet<string>(StringComparer.Ordinal));
        while (Next is not MappingEnd)
        {
            var key = ReadNode();
            if (key is not YamlText text) throw new ScenarioFileException(key.Place, $"{key.What} as a key", "a word");
            if (!keys.Add(text.Text)) throw new ScenarioFileException(text.Place, $"{text.What} again", "each key once");
            entries.Add(new(text, ReadNode()));
        }

        Expect<MappingEnd>();
        return new(place, entries);
    }

    private ParsingEvent Next
    {
        get
        {
            if (_parser.Current is null) Move();
            return _parser.Current!;
        }
    }

    // What the library's scanner does not expect it says with exceptions of other types too.
    private void Move()
    {
        const string expected = "YAML as scenarios are written in";
        try
        {
            _parser.MoveNext();
        }
        catch (YamlException exception)
        {
            throw new ScenarioFileException(PlaceOf(exception.Start), $"no YAML ({OneLine(exception.Message)})", expected);
        }
        catch (InvalidOperationException)
        {
            throw new ScenarioFileException(PlaceOf(_parser.Current!.End), "no YAML here or in what follows", expected);
        }
    }

    private T Expect<T>() where T : ParsingEvent
    {
        var current = (T)Next;
        Move();
        return current;
    }

    private static Place PlaceOf(Mark mark) => new((int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));
}
