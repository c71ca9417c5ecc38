namespace TaH.Engine;

/// <summary>A chat template that cannot be read or rendered.</summary>
/// <param name="line">Line in the template, from 1.</param>
/// <param name="fact">What is wrong there.</param>
internal sealed class TemplateException(int line, string fact) : Exception(fact)
{
    /// <summary>Line in the template, from 1.</summary>
    public int Line { get; } = line;
}
