namespace TaH.Tests;

/// <summary>What of a golden model is saved.</summary>
internal enum ModelPart
{
    All,
    WithoutLora,
    Plain,
}

/// <summary>The parameters of a golden checkpoint on the CPU, to be saved again.</summary>
internal sealed class SavingScene : IDisposable
{
    private readonly ComputeDevice _device = DeviceCatalog.Open(new DeviceSelector(DeviceKind.Cpu, 0));
    private readonly TrainingOperations _operations;
    private readonly TrainingModel _model;

    public SavingScene(string fixture, ModelPart part = ModelPart.All)
    {
        Source = Checkpoint.Open(Golden.ParityCheckpoint(fixture));
        var model = ModelDescription.Of(Source);
        if (part == ModelPart.Plain) model = model with { Tah = null, Lora = null, Decider = null };
        if (part == ModelPart.WithoutLora) model = model with { Lora = null, Tah = model.Tah! with { HasLora = false } };
        _operations = new TrainingOperations(_device, TrainingPrecision.F32, model.Shape.HeadDim, model.Shape.RopeTheta);
        _model = new TrainingModel(_operations, model, TrainedParts.None);
        ParameterInitialiser.FromCheckpoint(_model, Source, new Xoshiro256(1), takesDecider: true);
    }

    public Checkpoint Source { get; }

    /// <summary>The stage whose loss the golden files name.</summary>
    public TrainingRecipe Recipe { get; init; } = new() { Stage = TrainingStage.Backbone, Model = "", Data = "", Output = "" };

    public void Save(string directory, SavingDisk? disk = null) => TrainedCheckpoint.Save(directory, _model, Recipe, Source, disk);

    /// <summary>Changes the model, so that another save gives other bytes.</summary>
    public void Change() => _model.Backbone.Write("model.norm.weight", [.. _model.Backbone.Read("model.norm.weight").Select(value => value + 1)]);

    public void Dispose()
    {
        _model.Dispose();
        _operations.Dispose();
        Source.Dispose();
        _device.Dispose();
    }
}
