using System.Collections.Immutable;
using System.Globalization;
using YamlDotNet.RepresentationModel;

namespace TaH.Engine;

/// <summary>The keys of a YAML file by their paths, and which of them were read.</summary>
internal sealed class RecipeKeys
{
    private readonly string _file;
    private readonly string _kind;
    private readonly Dictionary<string, YamlNode> _nodes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _read = new(StringComparer.Ordinal);
    private readonly List<string> _ignored = [];

    public RecipeKeys(string file, YamlMappingNode root, string kind = "a recipe")
    {
        (_file, _kind) = (file, kind);
        Collect(string.Empty, root);
    }

    /// <summary>Keys that are there and mean nothing here.</summary>
    public ImmutableArray<string> Ignored => [.. _ignored];

    public string? Text(string key) => Scalar(key)?.Value;

    public int? Integer(string key, int least) => Parse<int>(
        key, "a whole number", text => int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) && number >= least ? number : null,
        least);

    public double? Number(string key, double least = 0, double most = double.MaxValue) => Parse<double>(
        key, "a number",
        text => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most ? number : null,
        least, most);

    public bool? Flag(string key) => Parse<bool>(
        key, "true or false", text => text is "true" or "True" ? true : text is "false" or "False" ? false : null, null);

    /// <summary>A list of whole numbers; null where the key is absent.</summary>
    public ImmutableArray<int>? Integers(string key)
    {
        if (!_nodes.TryGetValue(key, out var node)) return null;
        _read.Add(key);
        if (node is not YamlSequenceNode list) throw Fault(key, node, "is no list; whole numbers in brackets were expected");
        return
        [
            .. list.Children.Select(child => child is YamlScalarNode { Value: { } text }
                && int.TryParse(text, NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
                ? number
                : throw Fault(key, child, "holds something that is no whole number")),
        ];
    }

    /// <summary>One of a few words.</summary>
    public T? Word<T>(string key, params ReadOnlySpan<(string Word, T Value)> words) where T : struct
    {
        if (Scalar(key) is not { } node) return null;
        var known = new List<string>();
        foreach (var (word, value) in words)
        {
            if (word == node.Value) return value;
            known.Add(word);
        }

        throw Fault(key, node, $"is {Words.Quoted(node.Value ?? "")}, {string.Join(" or ", known)} was expected");
    }

    /// <summary>Accepts keys, and everything below them, without reading them.</summary>
    public void Ignore(params ReadOnlySpan<string> keys)
    {
        foreach (var key in keys)
        foreach (var name in _nodes.Keys.Where(name => name == key || name.StartsWith(key + ".", StringComparison.Ordinal)).ToArray())
        {
            if (_read.Add(name) && name == key) _ignored.Add(name);
        }
    }

    /// <summary>Throws for a key that nobody asked for.</summary>
    public void RefuseUnread()
    {
        foreach (var (key, node) in _nodes)
        {
            if (_read.Contains(key) || (node is YamlMappingNode && _nodes.Keys.Any(name => name.StartsWith(key + ".", StringComparison.Ordinal)))) continue;
            if (node is YamlMappingNode) continue; // an empty section asks for nothing
            throw Fault(key, node, $"is not a key of {_kind}");
        }
    }

    public BadFileException Fault(string key, string fact) => _nodes.TryGetValue(key, out var node) ? Fault(key, node, fact) : new BadFileException(_file, key, fact);

    private BadFileException Fault(string key, YamlNode node, string fact) => new(_file, $"line {node.Start.Line}: {key}", fact);

    private T? Parse<T>(string key, string kind, Func<string, T?> parse, double? least, double most = double.MaxValue) where T : struct
    {
        if (Scalar(key) is not { } node) return null;
        var bound = (least, most) switch
        {
            (null, _) => string.Empty,
            ({ } number, double.MaxValue) => FormattableString.Invariant($" of at least {number}"),
            var (from, to) => FormattableString.Invariant($" from {from} to {to}"),
        };
        return parse(node.Value ?? string.Empty) ?? throw Fault(key, node, $"is {Words.Quoted(node.Value ?? "")}, {kind}{bound} was expected");
    }

    private YamlScalarNode? Scalar(string key)
    {
        if (!_nodes.TryGetValue(key, out var node)) return null;
        _read.Add(key);
        return node as YamlScalarNode ?? throw Fault(key, node, "is a section or a list; one value was expected");
    }

    private void Collect(string prefix, YamlMappingNode mapping)
    {
        foreach (var (name, value) in mapping.Children)
        {
            var key = prefix + (name as YamlScalarNode)?.Value;
            _nodes.Add(key, value);
            if (value is YamlMappingNode section) Collect(key + ".", section);
        }
    }
}
