namespace TaH.Engine;

/// <summary>The arguments of a call as written.</summary>
/// <param name="Positional">Those without a name.</param>
/// <param name="Named">Those with a name.</param>
internal sealed record TemplateArguments(IReadOnlyList<TemplateExpression> Positional, IReadOnlyList<(string Name, TemplateExpression Value)> Named)
{
    /// <summary>No arguments.</summary>
    public static readonly TemplateArguments None = new([], []);

    /// <summary>The values, in order.</summary>
    public ArgumentValues Evaluate(TemplateScope scope) => new(
        [.. Positional.Select(argument => argument.Evaluate(scope))],
        [.. Named.Select(argument => (argument.Name, argument.Value.Evaluate(scope)))]);
}

/// <summary>The arguments of a call.</summary>
/// <param name="Positional">Those without a name.</param>
/// <param name="Named">Those with a name.</param>
internal sealed record ArgumentValues(IReadOnlyList<object?> Positional, IReadOnlyList<(string Name, object? Value)> Named)
{
    /// <summary>Refuses more arguments than a function takes.</summary>
    public ArgumentValues AtMost(int count, string function, TemplateRun run) => Positional.Count <= count && Named.Count == 0
        ? this
        : throw run.Error($"calls {function} with arguments that are not supported");

    /// <summary>A string argument, or null where it is not given or none.</summary>
    public string? StringOrNull(int index, string function, TemplateRun run) => Positional.ElementAtOrDefault(index) switch
    {
        null => null,
        string text => text,
        var other => throw run.Error($"calls {function} with {TemplateValues.NameOf(other)} for a string"),
    };

    /// <summary>A string argument.</summary>
    public string String(int index, string function, TemplateRun run) =>
        StringOrNull(index, function, run) ?? throw run.Error($"calls {function} without its argument");
}
