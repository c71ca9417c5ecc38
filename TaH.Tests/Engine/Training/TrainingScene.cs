namespace TaH.Tests;

/// <summary>A golden checkpoint's parameters, ready for a step.</summary>
internal sealed class TrainingScene : IDisposable
{
    private readonly Checkpoint _checkpoint;

    public TrainingScene(ComputeDevice device, string fixture, TrainedParts trained, TrainingPrecision precision = TrainingPrecision.F32)
    {
        _checkpoint = Checkpoint.Open(Golden.ParityCheckpoint(fixture));
        var model = ModelDescription.Of(_checkpoint);
        Operations = new TrainingOperations(device, precision, model.Shape.HeadDim, model.Shape.RopeTheta);
        Model = new TrainingModel(Operations, model, trained);
        ParameterInitialiser.FromCheckpoint(Model, _checkpoint, new Xoshiro256(1), takesDecider: true);
        // Chunks of seven rows: every loop over chunks has a whole one and a rest.
        Options = new StepOptions { HeadRows = 7, SoftTopK = model.Tah!.SoftEmbeddingTopK };
    }

    public TrainingOperations Operations { get; }

    public TrainingModel Model { get; }

    public StepOptions Options { get; }

    /// <summary>Every gradient of a group under its golden name.</summary>
    public IEnumerable<(string Name, float[] Gradient)> Gradients(string prefix, ParameterGroup group) =>
        group.Parameters.Select(parameter => (prefix + parameter.Name, group.ReadGradient(parameter.Name)));

    public void Dispose()
    {
        Model.Dispose();
        Operations.Dispose();
        _checkpoint.Dispose();
    }
}
