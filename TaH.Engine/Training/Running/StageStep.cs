namespace TaH.Engine;

/// <summary>What the micro-batches of a step add up to.</summary>
internal sealed class StepTotals
{
    /// <summary>What the stage's loss counts.</summary>
    public long Counted { get; set; }

    /// <summary>The sum of losses.</summary>
    public double Loss { get; set; }

    /// <summary>Of these, hard tokens: they took further passes, or should have.</summary>
    public long Hard { get; set; }

    /// <summary>The sum of their losses.</summary>
    public double HardLoss { get; set; }

    /// <summary>Predictions or decisions that were right.</summary>
    public long Right { get; set; }

    /// <summary>Of these, those of hard tokens.</summary>
    public long HardRight { get; set; }

    /// <summary>All tokens.</summary>
    public long Tokens { get; set; }

    /// <summary>Passes of all tokens.</summary>
    public long Iterations { get; set; }

    /// <summary>Decisions whose loss is minimised beside the stage's own; none but where both stages are one.</summary>
    public long Decisions { get; set; }

    /// <summary>The sum of their losses.</summary>
    public double DecisionLoss { get; set; }

    /// <summary>Operations that the model asks for.</summary>
    public double Flops { get; set; }

    /// <summary>The mean loss of hard tokens; null where there were none.</summary>
    public double? MeanHardLoss => Hard > 0 ? HardLoss / Hard : null;

    /// <summary>The share of hard tokens that were right; null where there were none.</summary>
    public double? HardAccuracy => Hard > 0 ? (double)HardRight / Hard : null;

    /// <summary>The same as numbers that ranks can add up.</summary>
    public double[] ToArray() => [Counted, Loss, Hard, HardLoss, Right, Tokens, Iterations, Decisions, DecisionLoss, HardRight, Flops];

    /// <summary>From such numbers.</summary>
    public static StepTotals Of(double[] sums) => new()
    {
        Counted = (long)sums[0], Loss = sums[1], Hard = (long)sums[2], HardLoss = sums[3], Right = (long)sums[4], Tokens = (long)sums[5],
        Iterations = (long)sums[6], Decisions = (long)sums[7], DecisionLoss = sums[8],
        HardRight = (long)sums[9], Flops = sums[10],
    };
}

/// <summary>Where a micro-batch stands in its run.</summary>
/// <param name="Seed">Of the run.</param>
/// <param name="Step">From 0.</param>
/// <param name="MicroBatch">Of the step, over all ranks.</param>
internal readonly record struct StepPlace(int Seed, int Step, int MicroBatch)
{
    /// <summary>What is drawn for this micro-batch, the same after a resume. Streams below 0: those from 0 on order the rows.</summary>
    public Xoshiro256 Random() => new(Seed, ~(((long)Step << 32) | (uint)MicroBatch));
}

/// <summary>The loss of a stage, a micro-batch at a time.</summary>
internal interface IStageStep : IDisposable
{
    /// <summary>What the loss of a micro-batch counts, known before it runs.</summary>
    long Count(PackedBatch batch);

    /// <summary>Runs a micro-batch, forward and backward.</summary>
    /// <param name="batch">The tokens.</param>
    /// <param name="counted">What the loss of the whole step counts, over all micro-batches and ranks.</param>
    /// <param name="place">Of the micro-batch.</param>
    /// <param name="totals">Added to.</param>
    void Run(PackedBatch batch, long counted, StepPlace place, StepTotals totals);
}
