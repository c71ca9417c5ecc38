namespace TaH.Cli;

/// <summary>What a display needs to know about a run: the last step, how fast it goes, how it has gone so far.</summary>
internal sealed class RunMeter
{
    // Rates are those of the last steps: the first ones compile kernels, and a machine may have become busy.
    private const int Recent = 20;

    private readonly Queue<StepMetrics> _recent = new();
    private readonly List<double> _losses = [];

    /// <summary>What the run will do; null before it begins.</summary>
    public TrainingPlan? Plan { get; private set; }

    /// <summary>The last step; null before the first.</summary>
    public StepMetrics? Last { get; private set; }

    /// <summary>The last evaluation; null before the first.</summary>
    public EvaluationMetrics? Evaluation { get; private set; }

    /// <summary>Where the last state or checkpoint went; null before the first.</summary>
    public string? Saved { get; private set; }

    /// <summary>Steps that are done, those of earlier parts of the run, too.</summary>
    public int Step => Last?.Step ?? Plan?.FirstStep ?? 0;

    /// <summary>The loss without most of its noise: of each step a tenth.</summary>
    public double SmoothedLoss { get; private set; }

    /// <summary>The loss of every step of this part of the run.</summary>
    public IReadOnlyList<double> Losses => _losses;

    /// <summary>Tokens of a second.</summary>
    public double TokensPerSecond => _recent.Sum(step => step.Tokens) / Seconds;

    /// <summary>Operations of a second.</summary>
    public double FlopsPerSecond => _recent.Sum(step => step.Flops) / Seconds;

    /// <summary>What the run still takes; evaluations are not counted.</summary>
    public TimeSpan Left => _recent.Count == 0 ? TimeSpan.Zero : TimeSpan.FromSeconds(Seconds / _recent.Count * (Plan!.Steps - Step));

    private double Seconds => Math.Max(1e-9, _recent.Sum(step => step.Seconds));

    /// <summary>The run begins, or goes on.</summary>
    public void Start(TrainingPlan plan) => Plan = plan;

    /// <summary>A step is done.</summary>
    public void Add(StepMetrics step)
    {
        SmoothedLoss = Last is null ? step.Loss : (0.9 * SmoothedLoss) + (0.1 * step.Loss);
        Last = step;
        _losses.Add(step.Loss);
        _recent.Enqueue(step);
        if (_recent.Count > Recent) _recent.Dequeue();
    }

    /// <summary>An evaluation is done.</summary>
    public void Add(EvaluationMetrics evaluation) => Evaluation = evaluation;

    /// <summary>Something was saved.</summary>
    public void Save(string path) => Saved = path;
}
