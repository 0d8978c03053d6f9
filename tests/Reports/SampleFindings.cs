using System.Reflection;
using GmemActors.Engine;

namespace GmemActors.Tests.Reports;

/// <summary>One finding of every kind there is, made by reflection: a kind that is added is held to the same tests.</summary>
internal static class SampleFindings
{
    internal static IEnumerable<Type> Kinds { get; } =
        [.. typeof(Finding).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(Finding)) && !type.IsAbstract).OrderBy(type => type.Name, StringComparer.Ordinal)];

    internal static Finding Of(Type kind) =>
        (Finding)Value(kind) with { Warnings = [new KernelWarning(1, "vcpu1", "WARN_ON_ONCE(sample)")] };

    private static object Value(Type type)
    {
        if (type == typeof(string)) return "sample";
        if (type == typeof(bool)) return true;
        if (type.IsEnum) return Enum.GetValues(type).GetValue(0)!;
        if (type.IsPrimitive) return Convert.ChangeType(2, type, System.Globalization.CultureInfo.InvariantCulture);
        if (type.IsGenericType && type.IsAssignableFrom(typeof(List<>).MakeGenericType(type.GenericTypeArguments[0]))) return List(type.GenericTypeArguments[0]);

        var constructor = type.GetConstructors().MaxBy(candidate => candidate.GetParameters().Length)!;
        return constructor.Invoke([.. constructor.GetParameters().Select(parameter => Value(parameter.ParameterType))]);
    }

    private static Array List(Type element)
    {
        var list = Array.CreateInstance(element, 1);
        list.SetValue(Value(element), 0);
        return list;
    }
}
