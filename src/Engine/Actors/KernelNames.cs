using System.Text;

namespace GmemActors.Engine;

/// <summary>Spells C# names as the kernel does: <c>KvmMmuLock</c> prints as <c>kvm_mmu_lock</c>.</summary>
public static class KernelNames
{
    /// <summary>The kernel's spelling of a PascalCase name: each capital begins a word, digits stay with theirs.</summary>
    public static string Of(string pascalCase)
    {
        var text = new StringBuilder(pascalCase.Length + 8);
        foreach (var letter in pascalCase)
        {
            if (char.IsUpper(letter) && text.Length > 0) text.Append('_');
            text.Append(char.ToLowerInvariant(letter));
        }

        return text.ToString();
    }
}
