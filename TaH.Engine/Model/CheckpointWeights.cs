namespace TaH.Engine;

/// <summary>Weights from a checkpoint's files. On the CPU matrices stay in the mapped files, so that they are in memory once.</summary>
/// <param name="checkpoint">The files.</param>
/// <param name="device">Where matrices go.</param>
internal sealed unsafe class CheckpointWeights(Checkpoint checkpoint, ComputeDevice device) : IWeightSource
{
    private readonly WeightUpload? _upload = device.Kind == DeviceKind.Cpu ? null : new WeightUpload(device);

    public ModelDescription Model { get; } = ModelDescription.Of(checkpoint);

    public DeciderWeights? Decider => checkpoint.Decider;

    public WeightMatrix Matrix(string name) => Put(checkpoint.Weight(name));

    public float[] Vector(string name) => checkpoint.Weight(name).ToFloats();

    public WeightMatrix? LoraA(int layer, string projection) =>
        checkpoint.Lora?.A(layer, projection) is { } tensor ? Put(tensor) : null;

    public WeightMatrix? LoraB(int layer, string projection) =>
        checkpoint.Lora?.B(layer, projection) is { } tensor ? Put(tensor) : null;

    public void Complete() => _upload?.Complete();

    public void Dispose() => _upload?.Dispose();

    private WeightMatrix Put(MappedTensor tensor)
    {
        var type = tensor.Type switch
        {
            TensorType.F32 => ElementType.F32,
            TensorType.F16 => ElementType.F16,
            TensorType.Bf16 => ElementType.Bf16,
            _ => throw new CheckpointException(
                checkpoint.Directory, tensor.Name, $"weights of type {tensor.Type} are not supported; f32, f16 and bf16 are"),
        };
        var (rows, columns) = ((int)tensor.Shape[0], (int)tensor.Shape[1]);
        return _upload is null ? WeightMatrix.FromHost(device, type, rows, columns, tensor.Pointer) : _upload.Add(type, rows, columns, tensor.Read);
    }
}
