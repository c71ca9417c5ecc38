using ILGPU;

namespace TaH.Kernels;

/// <summary>The portable kernels, for embeddings of f32 and of bf16.</summary>
internal sealed class SoftEmbeddingLaunches(ComputeDevice device)
{
    private readonly Lazy<Action<KernelConfig, Floats, Ints, Floats, Floats, SoftEmbeddingShape>> _mixSingles = new(
        () => device.Load<Floats, Ints, Floats, Floats, SoftEmbeddingShape>(SoftEmbeddingPortable.Mix<float, SingleFormat>));

    private readonly Lazy<Action<KernelConfig, Floats, Ints, Halves, Floats, SoftEmbeddingShape>> _mixHalves = new(
        () => device.Load<Floats, Ints, Halves, Floats, SoftEmbeddingShape>(SoftEmbeddingPortable.Mix<ushort, Bfloat16Format>));

    private readonly Lazy<Action<KernelConfig, Ints, Floats, Floats, Floats, SoftEmbeddingShape>> _dotSingles = new(
        () => device.Load<Ints, Floats, Floats, Floats, SoftEmbeddingShape>(SoftEmbeddingPortable.Dot<float, SingleFormat>));

    private readonly Lazy<Action<KernelConfig, Ints, Halves, Floats, Floats, SoftEmbeddingShape>> _dotHalves = new(
        () => device.Load<Ints, Halves, Floats, Floats, SoftEmbeddingShape>(SoftEmbeddingPortable.Dot<ushort, Bfloat16Format>));

    private readonly Action<KernelConfig, Floats, Floats, Ints, Floats, SoftEmbeddingShape> _scatter =
        device.Load<Floats, Floats, Ints, Floats, SoftEmbeddingShape>(SoftEmbeddingPortable.Scatter);

    private readonly Action<KernelConfig, Floats, Ints, Floats, SoftEmbeddingShape> _place =
        device.Load<Floats, Ints, Floats, SoftEmbeddingShape>(SoftEmbeddingPortable.Place);

    public void Mix(Floats probabilities, Ints tokens, WeightMatrix embedding, Floats x, SoftEmbeddingShape shape)
    {
        KernelConfig config = (shape.Rows, device.GroupSize);
        if (embedding.Type == ElementType.F32) _mixSingles.Value(config, probabilities, tokens, embedding.Singles, x, shape);
        else _mixHalves.Value(config, probabilities, tokens, Bfloat16(embedding), x, shape);
    }

    public void Dot(Ints tokens, WeightMatrix embedding, Floats dx, Floats along, SoftEmbeddingShape shape)
    {
        KernelConfig config = (checked((int)shape.Mixed), Math.Min(device.GroupSize, 64));
        if (embedding.Type == ElementType.F32) _dotSingles.Value(config, tokens, embedding.Singles, dx, along, shape);
        else _dotHalves.Value(config, tokens, Bfloat16(embedding), dx, along, shape);
    }

    public void Scatter(Floats probabilities, Floats along, Ints tokens, Floats dLogits, SoftEmbeddingShape shape) =>
        _scatter((shape.Rows, device.GroupSize), probabilities, along, tokens, dLogits, shape);

    public void Place(Floats probabilities, Ints tokens, Floats dense, SoftEmbeddingShape shape) =>
        _place(Elements.Config(device, shape.Mixed), probabilities, tokens, dense, shape);

    private static Halves Bfloat16(WeightMatrix embedding) => embedding.Type == ElementType.Bf16
        ? embedding.Halves
        : throw new NotSupportedException($"soft embeddings in training are of f32 or bf16, not {embedding.Type}");
}
