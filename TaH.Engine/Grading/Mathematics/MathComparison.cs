namespace TaH.Engine;

/// <summary>Says whether an answer counts as equal to a gold answer.</summary>
public static class MathComparison
{
    /// <summary>Compares structures, then relations, sets, symbols and numbers, then looks whether the two are the same function.</summary>
    /// <param name="gold">The right answer; its form decides how the other is read.</param>
    /// <param name="answer">The answer to judge.</param>
    /// <param name="options">What counts as equal.</param>
    /// <param name="cancellation">Ends the comparison.</param>
    /// <returns>False also when the work limit is reached, which ends every comparison within a second or so.</returns>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    /// <remarks>Source: the order of steps in math-verify 0.8.0 (grader.py); what sympy's simplify decides there is decided here by evaluation in a large
    /// prime field, which is exact for rational functions, and at random points.</remarks>
    public static bool AreEqual(MathExpression gold, MathExpression answer, ComparisonOptions options, CancellationToken cancellation = default)
    {
        try
        {
            return new ExpressionComparer(options, new WorkBudget(options.WorkLimit, cancellation)).AreEqual(gold, answer);
        }
        catch (WorkLimitException)
        {
            return false;
        }
    }
}
