namespace TaH.Engine;

/// <summary>The filters and tests of Jinja that a template may use.</summary>
internal static class TemplateFilters
{
    /// <summary><c>value | name(arguments)</c>.</summary>
    public static object? Apply(object? value, string name, ArgumentValues arguments, TemplateRun run)
    {
        switch (name)
        {
            case "length" or "count":
                return (long)TemplateValues.Items(value, run).Count;
            case "trim":
                return TemplateMethods.Strip(TemplateValues.Text(value, run));
            case "string":
                return TemplateValues.Text(value, run);
            case "first":
                return TemplateValues.Element(value, 0L, run);
            case "last":
                return TemplateValues.Element(value, -1L, run);
            case "default" or "d":
                return value is UndefinedValue ? arguments.AtMost(1, name, run).Positional.ElementAtOrDefault(0) ?? "" : value;
            default:
                throw run.Error($"uses the filter {name}, which is not supported");
        }
    }

    /// <summary><c>value is name</c>.</summary>
    public static bool Test(object? value, string name, TemplateRun run) => name switch
    {
        "defined" => value is not UndefinedValue,
        "undefined" => value is UndefinedValue,
        "none" => value is null,
        "string" => value is string,
        "number" => value is long or bool,
        "boolean" => value is bool,
        "true" => value is true,
        "false" => value is false,
        "mapping" => value is IReadOnlyDictionary<string, object?>,
        "sequence" or "iterable" => value is string or IReadOnlyList<object?> or IReadOnlyDictionary<string, object?> or UndefinedValue,
        _ => throw run.Error($"uses the test {name}, which is not supported"),
    };
}
