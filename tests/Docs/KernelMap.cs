using System.IO;
using System.Reflection;
using System.Text;
using System.Text.RegularExpressions;
using GmemActors.Actors;
using GmemActors.Engine;

namespace GmemActors.Tests.Docs;

/// <summary>Which kernel function is which method, and what the model leaves out: read off the code.</summary>
internal static partial class KernelMap
{
    /// <summary>The parts that mirror a kernel or a machine.</summary>
    internal static readonly string[] Modelled = ["Hardware", "Actors"];

    private const string Head = """
        # Kernel map

        Which kernel function is which method, and what the model leaves out. Read off the `[Kernel]` attributes and the `Simplified:`
        comments by a test: `GMEM_UPDATE_GOLDEN=1 dotnet test` writes it anew.

        """;

    internal static string Write()
    {
        var text = new StringBuilder(Head);
        foreach (var file in Functions().GroupBy(function => function.File).OrderBy(file => file.Key, StringComparer.Ordinal))
        {
            text.Append($"\n## {file.Key}\n\n| function | method |\n|---|---|\n");
            foreach (var function in file) text.Append($"| `{function.Name}()` | `{function.Method}` |\n");
        }

        text.Append("\n## What is simplified\n\n| where | what |\n|---|---|\n");
        foreach (var (where, what) in Simplifications()) text.Append($"| `{where}` | {what} |\n");
        return text.ToString();
    }

    private static IEnumerable<(string File, string Name, string Method)> Functions() =>
        from type in typeof(KernelAttribute).Assembly.GetTypes()
        from method in type.GetMethods(BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Static | BindingFlags.DeclaredOnly)
        let kernel = method.GetCustomAttribute<KernelAttribute>()
        where kernel is not null
        orderby type.Name, method.MetadataToken
        select (kernel.File, kernel.Name ?? KernelNames.Of(method.Name), $"{type.Name}.{method.Name}");

    private static IEnumerable<(string Where, string What)> Simplifications() =>
        from folder in Modelled
        from path in Directory.EnumerateFiles(Repository.PathOf($"src/{folder}"), "*.cs", SearchOption.AllDirectories).Order(StringComparer.Ordinal)
        from what in In(File.ReadAllLines(path))
        select (System.IO.Path.GetRelativePath(Repository.PathOf("src"), path).Replace('\\', '/'), what);

    private static IEnumerable<string> In(string[] lines)
    {
        for (var i = 0; i < lines.Length; i++)
        {
            var at = lines[i].IndexOf("Simplified: ", StringComparison.Ordinal);
            if (at < 0) continue;
            var text = new StringBuilder(lines[i][(at + "Simplified: ".Length)..]);
            while (!Ends(text.ToString()) && Comment().Match(lines[i + 1]) is { Success: true } next)
            {
                text.Append(' ').Append(next.Groups[1].Value);
                i++;
            }

            yield return Tag().Replace(text.ToString(), "");
        }
    }

    // A simplification is a sentence or several, up to the end of its comment or of its documentation tag.
    private static bool Ends(string text) => text.Contains("</", StringComparison.Ordinal);

    [GeneratedRegex(@"^\s*///?\s+(?!<)(.*)$")]
    private static partial Regex Comment();

    [GeneratedRegex(@"</?\w+>")]
    private static partial Regex Tag();
}
