namespace TaH.Engine;

/// <summary>The functions that a template may call.</summary>
internal static class TemplateFunctions
{
    /// <summary>Calls a function by its name.</summary>
    /// <exception cref="UsageException">The template itself refuses the messages with <c>raise_exception</c>.</exception>
    public static object? Call(string name, ArgumentValues arguments, TemplateRun run)
    {
        switch (name)
        {
            case "namespace" when arguments.Positional.Count == 0:
                var fields = new NamespaceValue();
                foreach (var (field, value) in arguments.Named) fields[field] = value;
                return fields;
            case "raise_exception":
                throw new UsageException($"the chat template refuses these messages: {arguments.AtMost(1, name, run).String(0, name, run)}");
            default:
                throw run.Error($"calls the function {name}, which is not supported");
        }
    }
}
