namespace TaH.Engine;

/// <summary>Linear warm-up, then half a cosine down to a floor.</summary>
/// <param name="Peak">The largest rate.</param>
/// <param name="Steps">Steps of the whole run.</param>
/// <param name="WarmupSteps">Steps of the warm-up, the first of which has rate 0.</param>
/// <param name="FloorRate">The last rate as a part of the peak; 1 for a constant rate after the warm-up.</param>
/// <remarks>Source: get_cosine_with_min_lr_schedule_with_warmup of github.com/huggingface/transformers.</remarks>
public sealed record LearningRateSchedule(double Peak, int Steps, int WarmupSteps, double FloorRate)
{
    /// <summary>A schedule whose warm-up is a part of the run, rounded up as in the official trainer.</summary>
    public static LearningRateSchedule Of(double peak, int steps, double warmupRatio, double floorRate) =>
        new(peak, steps, (int)Math.Ceiling(warmupRatio * steps), floorRate);

    /// <summary>The rate of a step.</summary>
    /// <param name="step">From 0.</param>
    public double At(int step)
    {
        if (step < WarmupSteps) return Peak * step / Math.Max(1, WarmupSteps);
        var progress = (double)(step - WarmupSteps) / Math.Max(1, Steps - WarmupSteps);
        var cosine = 0.5 * (1 + Math.Cos(Math.PI * Math.Min(1, progress)));
        return Peak * ((cosine * (1 - FloorRate)) + FloorRate);
    }
}
