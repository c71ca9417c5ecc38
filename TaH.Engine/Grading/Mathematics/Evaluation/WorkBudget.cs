namespace TaH.Engine;

/// <summary>Counts steps of a comparison and ends it when there are too many or when it is cancelled.</summary>
internal sealed class WorkBudget(int steps, CancellationToken cancellation)
{
    private const int StepsBetweenLooks = 256;

    private int _left = steps;

    /// <summary>One step more.</summary>
    /// <exception cref="WorkLimitException">No step is left.</exception>
    /// <exception cref="OperationCanceledException">The caller gave up.</exception>
    public void Spend(int count = 1)
    {
        _left -= count;
        if (_left < 0) throw new WorkLimitException();
        if (_left % StepsBetweenLooks == 0) cancellation.ThrowIfCancellationRequested();
    }
}

/// <summary>A comparison took more steps than it may; it ends as "not equal".</summary>
internal sealed class WorkLimitException : Exception;
