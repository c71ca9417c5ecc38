namespace TaH.Engine;

/// <summary>Weights from a checkpoint's files. On the CPU matrices stay in the mapped files, so that they are in memory once.</summary>
internal sealed unsafe class CheckpointWeights(Checkpoint checkpoint) : IWeightSource
{
    public ModelDescription Model { get; } = ModelDescription.Of(checkpoint);

    public DeciderWeights? Decider => checkpoint.Decider;

    public WeightMatrix Matrix(ComputeDevice device, string name) => Put(device, checkpoint.Weight(name));

    public float[] Vector(string name) => checkpoint.Weight(name).ToFloats();

    public WeightMatrix? LoraA(ComputeDevice device, int layer, string projection) =>
        checkpoint.Lora?.A(layer, projection) is { } tensor ? Put(device, tensor) : null;

    public WeightMatrix? LoraB(ComputeDevice device, int layer, string projection) =>
        checkpoint.Lora?.B(layer, projection) is { } tensor ? Put(device, tensor) : null;

    private WeightMatrix Put(ComputeDevice device, MappedTensor tensor)
    {
        var type = tensor.Type switch
        {
            TensorType.F32 => ElementType.F32,
            TensorType.F16 => ElementType.F16,
            TensorType.Bf16 => ElementType.Bf16,
            _ => throw new CheckpointException(
                checkpoint.Directory, tensor.Name, $"weights of type {tensor.Type} are not supported; f32, f16 and bf16 are"),
        };
        return WeightMatrix.FromHost(device, type, (int)tensor.Shape[0], (int)tensor.Shape[1], tensor.Pointer);
    }
}
