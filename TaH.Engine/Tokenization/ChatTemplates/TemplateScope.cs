using System.Text;

namespace TaH.Engine;

/// <summary>One rendering: what has been written, where it is, and how much work may still be done.</summary>
internal sealed class TemplateRun
{
    // Nested loops that double a string could otherwise run for ever; a chat of 1 MB takes about a tenth of it.
    private const long LargestWork = 1L << 28;
    private const int LargestDepth = 500;
    private const int WorkOfOneStep = 16; // A step takes about as long as copying so many characters.
    private long _work;
    private int _depth;

    /// <summary>The rendered text.</summary>
    public StringBuilder Output { get; } = new();

    /// <summary>Line of the statement at work, for messages.</summary>
    public int Line { get; set; } = 1;

    /// <summary>Counts characters made.</summary>
    public void Work(long characters)
    {
        _work += characters;
        if (_work > LargestWork) throw Error("does more work than any chat needs");
    }

    /// <summary>Begins a step, which may have steps inside.</summary>
    public void Enter()
    {
        Work(WorkOfOneStep);
        if (++_depth > LargestDepth) throw Error($"nests more than {LargestDepth} steps deep");
    }

    /// <summary>Ends a step.</summary>
    public void Leave() => _depth--;

    /// <summary>A complaint about the statement at work.</summary>
    public TemplateException Error(string fact) => new(Line, fact);
}

/// <summary>The variables in sight of a statement; a loop body has its own.</summary>
/// <param name="run">The rendering that this belongs to.</param>
/// <param name="outer">The scope around, or null.</param>
internal sealed class TemplateScope(TemplateRun run, TemplateScope? outer)
{
    private readonly Dictionary<string, object?> _variables = [];

    /// <summary>The rendering that this belongs to.</summary>
    public TemplateRun Run => run;

    /// <summary>The value of a variable, undefined where nobody set it; setting one hides an outer one of that name.</summary>
    public object? this[string name]
    {
        get => _variables.TryGetValue(name, out var value) ? value : outer is null ? new UndefinedValue(name) : outer[name];
        set => _variables[name] = value;
    }
}
