using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace TaH.Engine;

/// <summary>Everything that a run is made of.</summary>
internal sealed class RunParts : IDisposable
{
    private readonly TrainingRecipe _recipe;
    private readonly ComputeDevice _device;
    private readonly Checkpoint _source;
    private readonly TrainingOperations _operations;
    private readonly TrainingData _data;
    private readonly List<string> _notes = [];

    private RunParts(TrainingRecipe recipe, ComputeDevice device, Checkpoint source, ICommunicator communicator)
    {
        (_recipe, _device, _source, Communicator) = (recipe, device, source, communicator);
        var description = StageModel.Of(recipe, source);
        var precision = recipe.Precision ?? StageModel.PrecisionFor(device, description);
        _operations = new TrainingOperations(device, precision, description.Shape.HeadDim, description.Shape.RopeTheta);
        Model = new TrainingModel(_operations, description, StageModel.TrainedParts(recipe));
        StageModel.Initialise(Model, recipe, source);
        _data = Load(recipe.Data);
        _notes.Add($"{recipe.Data}: {_data.Summary}");
        Order = new TrainingOrder(_data.Sequences.Count, recipe.Seed, recipe.Shuffles);
        Batches = Builder(_data.Sequences);
        Schedule = LearningRateSchedule.Of(recipe.LearningRate, Steps(), recipe.WarmupRatio, recipe.MinLearningRateRate);
        Optimizer = new Optimizer(_operations, Model, recipe.Optimizer);
        var options = StageModel.Options(recipe, device, Model.Shape);
        Stage = recipe.Stage switch
        {
            TrainingStage.Decider => new DeciderStage(_operations, Model, recipe, options),
            TrainingStage.Joint => new JointStage(_operations, Model, recipe, options),
            _ => new LanguageStage(_operations, Model, recipe, options),
        };
        Evaluation = recipe.EvaluationData is null ? null : EvaluationOf(recipe.EvaluationData, options);
        Fingerprint = FingerprintOf(recipe, description);
    }

    /// <summary>The recipe, with what it leaves to the checkpoint.</summary>
    public TrainingRecipe Recipe => _recipe;

    public TrainingModel Model { get; }

    public TrainingOrder Order { get; }

    public BatchBuilder Batches { get; }

    public LearningRateSchedule Schedule { get; }

    public Optimizer Optimizer { get; }

    public IStageStep Stage { get; }

    public Evaluation? Evaluation { get; }

    public ICommunicator Communicator { get; }

    /// <summary>Tells runs apart whose states do not fit each other.</summary>
    public string Fingerprint { get; }

    /// <summary>What a user should know.</summary>
    public IReadOnlyList<string> Notes => _notes;

    /// <summary>Opens everything.</summary>
    /// <param name="recipe">What is trained, and how.</param>
    /// <param name="selector">Where.</param>
    /// <param name="place">Which of several processes this is; null for one alone.</param>
    public static RunParts Open(TrainingRecipe recipe, DeviceSelector selector, RankPlace? place)
    {
        var source = Checkpoint.Open(recipe.Model);
        ComputeDevice? device = null;
        ICommunicator? communicator = null;
        try
        {
            device = DeviceCatalog.Open(Communicators.DeviceOf(place, selector));
            device.Accelerator.Bind();
            communicator = Communicators.Open(place, device);
            return new RunParts(StageModel.Resolve(recipe, source), device, source, communicator);
        }
        catch
        {
            communicator?.Dispose();
            source.Dispose();
            device?.Dispose();
            throw;
        }
    }

    /// <summary>What the run will do.</summary>
    public TrainingPlan Plan(int firstStep) => new(
        _recipe.Stage, Schedule.Steps, firstStep, Model.ParameterCount,
        Model.TrainedGroups.Sum(group => group.Parameters.Sum(parameter => parameter.Length)), _data.Sequences.Count, _recipe.BatchRows,
        _device.Info.Name, _operations.Precision);

    /// <summary>The metrics of a step with its rate as a part of what the devices of all ranks promise.</summary>
    public StepMetrics Rated(StepMetrics metrics) => PublishedPeak.Of(_device.Info.Name, _operations.Precision) is { } peak
        ? metrics with { PeakShare = metrics.FlopsPerSecond / (peak * Communicator.WorldSize) }
        : metrics;

    /// <summary>Saves the model as it is now in the official layout.</summary>
    public void SaveCheckpoint(string directory)
    {
        if (Communicator.Rank == 0) TrainedCheckpoint.Save(directory, Model, _recipe, _source);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Evaluation?.Dispose();
        foreach (var owned in new IDisposable[] { Stage, Optimizer, Model, _operations, Communicator, _device, _source }) owned.Dispose();
    }

    private TrainingData Load(string file) => TrainingData.Load([file], RowTokenizer.Of(_source), new TrainingDataOptions
    {
        MaxLength = _recipe.MaxLength, LongRows = _recipe.DropsLongRows ? LongRowAction.Filter : LongRowAction.Cut, MaxIter = _recipe.Passes,
        Seed = _recipe.Seed,
    });

    private BatchBuilder Builder(IReadOnlyList<TrainingSequence> sequences)
    {
        var longest = sequences.Max(sequence => sequence.Length);
        return new BatchBuilder(sequences, new BatchPlan(
            _recipe.BatchRows, Math.Max(_recipe.MicroBatchTokens, longest), Rank: Communicator.Rank, WorldSize: Communicator.WorldSize));
    }

    private int Steps() => _recipe.Steps ?? Math.Max(1, (int)Math.Ceiling(_recipe.Epochs * Batches.StepsOf(Order, 0)));

    private Evaluation EvaluationOf(string file, StepOptions options)
    {
        var data = Load(file);
        _notes.Add($"{file}: {data.Summary}");
        var batches = Builder([.. data.Sequences.Take(_recipe.EvaluationRows)]).InFileOrder().ToList();
        var decider = Model.DeciderNet is null ? null : new DeciderStep(_operations, Model, options);
        return new Evaluation(_recipe, batches, new LanguageStep(_operations, Model, options), decider, Communicator);
    }

    /// <summary>Everything that the course of a run depends on, but not where it goes or how often it is looked at.</summary>
    private string FingerprintOf(TrainingRecipe recipe, ModelDescription model)
    {
        var course = recipe with
        {
            Output = string.Empty, Data = string.Empty, Model = string.Empty, EvaluationData = null, EvaluationSteps = 0, SaveSteps = 0, EvaluationRows = 0,
            SaveType = null, MaxShardBytes = 0, IgnoredKeys = [], Steps = Schedule.Steps,
        };
        var text = $"{JsonSerializer.Serialize(course)} {model.Shape} {_data.Summary} {Communicator.WorldSize} {_operations.Precision}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..16];
    }
}
