using System.Globalization;

namespace TaH.Cli;

/// <summary>
/// Checks the arguments behind a verb and rewrites them in the one form that leaves nothing open: every option with its long name and its value, then
/// <c>--</c>, then the rest. CommandLineParser itself takes a missing value for an absent option, passes over surplus arguments, and lets an option
/// that may be repeated swallow the prompt behind it; here each of these is either right or an error with a sentence of its own.
/// </summary>
internal sealed class ArgumentReader(string verb, VerbGrammar grammar)
{
    private readonly List<string> _options = [];
    private readonly List<string> _arguments = [];
    private readonly HashSet<string> _seen = [];

    /// <summary>Rewrites the arguments.</summary>
    /// <exception cref="UsageException">An option is unknown, lacks its value or is given twice; or there is an argument too many.</exception>
    public IReadOnlyList<string> Read(ReadOnlySpan<string> args)
    {
        for (var i = 0; i < args.Length; i++)
        {
            if (args[i] == "--")
            {
                _arguments.AddRange(args[(i + 1)..]);
                break;
            }
            if (!LooksLikeOption(args[i])) _arguments.Add(args[i]);
            else if (ReadOption(args[i], i + 1 < args.Length ? args[i + 1] : null)) i++;
        }
        if (_arguments.Count > grammar.MaxArguments)
            throw new UsageException($"'{_arguments[grammar.MaxArguments]}' is an argument too many; see tah {verb} --help");
        return [.. _options, "--", .. _arguments];
    }

    /// <summary>A dash and a letter, or two dashes. A lone dash means standard input, and a dash before a digit is a minus.</summary>
    private static bool LooksLikeOption(string arg) => arg.Length > 1 && arg[0] == '-' && (arg[1] == '-' || char.IsAsciiLetter(arg[1]));

    /// <returns>Whether the next argument was its value.</returns>
    private bool ReadOption(string arg, string? next)
    {
        var (name, attached) = Split(arg);
        var option = grammar.Find(name)
            ?? throw new UsageException($"{name} is not an option of tah {verb}{NearestName.Question(name, grammar.Names)}");
        if (!_seen.Add(option.Name) && !option.IsRepeatable) throw new UsageException($"{option.Name} is given twice; which one counts?");
        if (option.IsFlag)
        {
            if (attached is not null) throw new UsageException($"{name} takes no value, but '{attached}' was given");
            _options.Add(option.Name);
            return false;
        }
        var value = attached ?? (next is not null && !LooksLikeOption(next) ? next : null);
        if (string.IsNullOrEmpty(value))
        {
            var remedy = attached is null && next is { Length: > 0 } ? $"; one that begins with a dash is written {name}=VALUE" : "";
            throw new UsageException($"{name} needs a value{remedy}");
        }
        CheckValue(name, option.ValueType, value);
        AddOption(name, option.Name, value);
        return attached is null;
    }

    /// <summary>The library takes blanks and lines behind a blank only, and a leading dash behind an equals sign only.</summary>
    private void AddOption(string givenName, string name, string value)
    {
        if (value[0] != '-') _options.AddRange([name, value]);
        else if (!value.Contains('\n')) _options.Add($"{name}={value}");
        else throw new UsageException($"{givenName}: text of several lines that begins with a dash cannot be an option's value; put it into a file");
    }

    /// <summary>Parts <c>--name=value</c> and <c>-n5</c>.</summary>
    private (string Name, string? Value) Split(string arg)
    {
        if (!arg.StartsWith("--", StringComparison.Ordinal)) return arg.Length == 2 ? (arg, null) : (arg[..2], arg[2..].TrimStart('='));
        var equals = arg.IndexOf('=');
        return equals < 0 ? (arg, null) : (arg[..equals], arg[(equals + 1)..]);
    }

    private static void CheckValue(string name, Type type, string value)
    {
        var culture = CultureInfo.InvariantCulture;
        var (holds, kind) = type == typeof(int) ? (int.TryParse(value, NumberStyles.Integer, culture, out _), "a whole number")
            : type == typeof(long) ? (long.TryParse(value, NumberStyles.Integer, culture, out _), "a whole number")
            : type == typeof(float) ? (float.TryParse(value, NumberStyles.Float, culture, out _), "a number")
            : (true, "");
        if (!holds) throw new UsageException($"{name} takes {kind}, not '{value}'");
    }
}
