namespace GmemActors.Scenarios.Files;

/// <summary>A piece of a YAML document, and where it stands.</summary>
internal abstract record YamlNode(Place Place)
{
    /// <summary>What it is, for messages.</summary>
    internal abstract string What { get; }
}

/// <summary>A scalar: always text here, whatever YAML would make of it.</summary>
/// <param name="Place">Its first letter, or the quote before that.</param>
/// <param name="Text">The text.</param>
/// <param name="FirstLetter">Where its first letter stands, if all of them stand behind each other; else null.</param>
internal sealed record YamlText(Place Place, string Text, Place? FirstLetter) : YamlNode(Place)
{
    /// <inheritdoc/>
    internal override string What => ScenarioFileException.Quote(Text);

    /// <summary>Where one of its letters stands, or its beginning if that is not known.</summary>
    internal Place PlaceOf(int letter) => FirstLetter?.Right(letter) ?? Place;
}

/// <summary>A sequence.</summary>
internal sealed record YamlList(Place Place, IReadOnlyList<YamlNode> Items) : YamlNode(Place)
{
    /// <inheritdoc/>
    internal override string What => "a list";
}

/// <summary>A mapping, in the order of the file; no key is there twice.</summary>
internal sealed record YamlMap(Place Place, IReadOnlyList<YamlEntry> Entries) : YamlNode(Place)
{
    /// <inheritdoc/>
    internal override string What => "a mapping";
}

/// <summary>A key with its value.</summary>
internal sealed record YamlEntry(YamlText Key, YamlNode Value);
