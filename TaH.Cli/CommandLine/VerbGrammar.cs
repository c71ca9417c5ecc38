using System.Reflection;

namespace TaH.Cli;

/// <summary>An option as it may be written.</summary>
/// <param name="Name">Its long name, with dashes.</param>
/// <param name="OtherNames">Its short name and what else it is called, with dashes.</param>
/// <param name="ValueType">What its value is; <c>bool</c> for a flag, which has none.</param>
/// <param name="IsRepeatable">Whether it may be given more than once.</param>
internal sealed record OptionGrammar(string Name, IReadOnlyList<string> OtherNames, Type ValueType, bool IsRepeatable)
{
    public bool IsFlag => ValueType == typeof(bool);
}

/// <summary>What may stand behind a verb, read off the attributes that CommandLineParser reads too.</summary>
internal sealed class VerbGrammar
{
    private readonly Dictionary<string, OptionGrammar> _options = [];

    private VerbGrammar(Type verb)
    {
        foreach (var property in verb.GetProperties())
        {
            if (property.GetCustomAttribute<OptionAttribute>() is { } option) Add(property, option);
            if (property.GetCustomAttribute<ValueAttribute>() is not null) MaxArguments = IsList(property) ? int.MaxValue : MaxArguments + 1;
        }
    }

    /// <summary>How many arguments without a name the verb takes.</summary>
    public int MaxArguments { get; }

    /// <summary>The long names of all options, with dashes.</summary>
    public IEnumerable<string> Names => _options.Keys.Where(name => name.StartsWith("--", StringComparison.Ordinal));

    public static VerbGrammar Of(Type verb) => new(verb);

    /// <summary>The option of a name that is written with its dashes, or null.</summary>
    public OptionGrammar? Find(string name) => _options.GetValueOrDefault(name);

    private void Add(PropertyInfo property, OptionAttribute option)
    {
        var others = property.GetCustomAttribute<AlsoNamedAttribute>()?.Names.Select(name => "--" + name) ?? [];
        if (option.ShortName is { Length: > 0 } letter) others = others.Append("-" + letter);
        var type = IsList(property) ? property.PropertyType.GenericTypeArguments[0] : property.PropertyType;
        var grammar = new OptionGrammar("--" + option.LongName, [.. others], Nullable.GetUnderlyingType(type) ?? type, IsList(property));
        foreach (var name in grammar.OtherNames.Append(grammar.Name)) _options.Add(name, grammar);
    }

    private static bool IsList(PropertyInfo property) => property.PropertyType == typeof(IEnumerable<string>);
}
