namespace TaH.Engine;

/// <summary>What kind of answer a task asks for; it decides how gold and output are read.</summary>
public enum GradeMode
{
    /// <summary>The gold is a bare number or expression (AIME, GSM8K): <c>expr</c>.</summary>
    Expression,

    /// <summary>The gold is LaTeX (MATH500, AMC, OlympiadBench): <c>latex</c>.</summary>
    Latex,

    /// <summary>The gold is the letter of a choice (GPQA, MMLU): <c>string</c>.</summary>
    Letter,
}
