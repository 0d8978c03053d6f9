using System.Globalization;

namespace GmemActors.Hardware;

/// <summary>With which kind of key memory is written and read.</summary>
public enum KeyKind : byte
{
    /// <summary>The host's, which guests share.</summary>
    Shared,

    /// <summary>An SEV guest's, named by its ASID: the wrong key reads as ciphertext.</summary>
    Asid,

    /// <summary>A trust domain's, named by its HKID: the wrong key reads as garbage, and may poison.</summary>
    Hkid,
}

/// <summary>The key that an access goes through.</summary>
public readonly record struct KeyId(KeyKind Kind, ushort Number)
{
    /// <summary>The host's key.</summary>
    public static KeyId Shared => default;

    /// <inheritdoc/>
    public override string ToString() =>
        Kind == KeyKind.Shared ? "shared key" : $"{Kind} {Number}".ToLower(CultureInfo.InvariantCulture);
}

/// <summary>Whose an SEV page is and whose instructions these are: the address space identifier; 0 is the host.</summary>
public readonly record struct Asid(ushort Value)
{
    /// <summary>The host, and the owner of what is nobody's.</summary>
    public static Asid Host => default;

    /// <summary>The guest's memory key.</summary>
    public KeyId Key => new(KeyKind.Asid, Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}

/// <summary>The number of a trust domain's memory key: the host key identifier.</summary>
public readonly record struct Hkid(ushort Value)
{
    /// <summary>The trust domain's memory key.</summary>
    public KeyId Key => new(KeyKind.Hkid, Value);

    /// <inheritdoc/>
    public override string ToString() => Value.ToString(CultureInfo.InvariantCulture);
}
