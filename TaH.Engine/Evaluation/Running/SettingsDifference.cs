using System.Text.Json.Nodes;

namespace TaH.Engine;

/// <summary>Says in words where two settings differ.</summary>
internal static class SettingsDifference
{
    private const int LongestValue = 40;

    /// <summary>A few words for each value that differs; empty where none does.</summary>
    public static IReadOnlyList<string> Between(JsonNode? there, JsonNode? here, params IReadOnlyCollection<string> except)
    {
        var (a, b) = (new SortedDictionary<string, string>(StringComparer.Ordinal), new SortedDictionary<string, string>(StringComparer.Ordinal));
        Flatten("", there, a);
        Flatten("", here, b);
        return
        [
            .. a.Keys.Union(b.Keys).Where(key => !except.Contains(key) && a.GetValueOrDefault(key) != b.GetValueOrDefault(key))
                .Select(key => $"{key} is {Short(a.GetValueOrDefault(key))} there and {Short(b.GetValueOrDefault(key))} here"),
        ];
    }

    private static void Flatten(string path, JsonNode? node, SortedDictionary<string, string> into)
    {
        var prefix = path.Length == 0 ? "" : path + ".";
        if (node is JsonObject members)
        {
            foreach (var (name, value) in members) Flatten(prefix + name, value, into);
        }
        else if (node is JsonArray elements)
        {
            for (var i = 0; i < elements.Count; i++) Flatten(prefix + NameOf(elements[i], i), elements[i], into);
        }
        else if (node is not null)
        {
            into[path] = node.ToJsonString();
        }
    }

    private static string NameOf(JsonNode? element, int place) =>
        element is JsonObject named && named["name"] is JsonValue name ? name.ToString() : FormattableString.Invariant($"{place}");

    private static string Short(string? value) => value is null ? "not given" : value.Length <= LongestValue ? value : value[..LongestValue] + "...";
}
