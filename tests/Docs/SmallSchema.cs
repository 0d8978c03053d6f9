using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace GmemActors.Tests.Docs;

/// <summary>As much of JSON schema as ours uses; a word that it does not know is an error.</summary>
internal sealed class SmallSchema(JsonObject root)
{
    private static readonly string[] Words =
    [
        "$schema", "$defs", "$ref", "title", "description", "type", "required", "additionalProperties", "properties", "patternProperties",
        "minProperties", "maxProperties", "items", "minItems", "anyOf", "enum", "pattern", "minimum",
    ];

    internal bool Accepts(JsonNode? value) => Accepts(root, value);

    private bool Accepts(JsonObject schema, JsonNode? value)
    {
        foreach (var (word, _) in schema) Assert.Contains(word, Words);
        if (schema["$ref"] is { } reference) return Accepts((JsonObject)root["$defs"]![reference.ToString().Split('/')[^1]]!, value);
        if (schema["anyOf"] is JsonArray schemas && !schemas.Any(one => Accepts((JsonObject)one!, value))) return false;
        if (schema["enum"] is JsonArray values && !values.Any(one => JsonNode.DeepEquals(one, value))) return false;
        if (schema["type"] is { } type && !Types(type).Any(one => IsOf(one, value))) return false;
        return value switch
        {
            JsonObject map => AcceptsMap(schema, map),
            JsonArray list => list.Count >= Number(schema, "minItems", 0) && (schema["items"] is not JsonObject item || list.All(one => Accepts(item, one))),
            JsonValue scalar when scalar.GetValueKind() == JsonValueKind.String =>
                schema["pattern"] is not { } pattern || Regex.IsMatch(scalar.ToString(), pattern.ToString()),
            JsonValue scalar when scalar.GetValueKind() == JsonValueKind.Number => scalar.GetValue<double>() >= Number(schema, "minimum", double.MinValue),
            _ => true,
        };
    }

    private bool AcceptsMap(JsonObject schema, JsonObject map)
    {
        if (map.Count < Number(schema, "minProperties", 0) || map.Count > Number(schema, "maxProperties", int.MaxValue)) return false;
        if (schema["required"] is JsonArray required && !required.All(name => map.ContainsKey(name!.ToString()))) return false;
        foreach (var (key, value) in map)
        {
            var known = Known(schema, key).ToList();
            if (!known.TrueForAll(one => Accepts(one, value))) return false;
            if (known.Count > 0) continue;
            var others = schema["additionalProperties"];
            if (others is JsonObject other ? !Accepts(other, value) : others is not null && !others.GetValue<bool>()) return false;
        }

        return true;
    }

    private static IEnumerable<JsonObject> Known(JsonObject schema, string key)
    {
        if (schema["properties"]?[key] is JsonObject property) yield return property;
        if (schema["patternProperties"] is not JsonObject patterns) yield break;
        foreach (var (pattern, value) in patterns)
        {
            if (Regex.IsMatch(key, pattern)) yield return (JsonObject)value!;
        }
    }

    private static IEnumerable<string> Types(JsonNode type) => type is JsonArray several ? several.Select(one => one!.ToString()) : [type.ToString()];

    private static bool IsOf(string type, JsonNode? value) => (type, value?.GetValueKind()) switch
    {
        ("object", JsonValueKind.Object) or ("array", JsonValueKind.Array) or ("string", JsonValueKind.String) => true,
        ("integer", JsonValueKind.Number) => double.IsInteger(value!.GetValue<double>()),
        _ => false,
    };

    private static double Number(JsonObject schema, string word, double otherwise) => schema[word]?.GetValue<int>() ?? otherwise;
}
