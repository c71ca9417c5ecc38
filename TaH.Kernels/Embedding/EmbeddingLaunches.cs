using ILGPU;

namespace TaH.Kernels;

/// <summary>The portable kernel, compiled for each element type when it is first met.</summary>
internal sealed class EmbeddingLaunches(ComputeDevice device)
{
    private readonly Action<KernelConfig, Floats, Ints, Ints, Floats, Ints, Floats, EmbeddingShape> _f32 =
        device.Load<Floats, Ints, Ints, Floats, Ints, Floats, EmbeddingShape>(EmbeddingPortable.Kernel<float, SingleFormat>);

    private readonly Action<KernelConfig, Halves, Ints, Ints, Floats, Ints, Floats, EmbeddingShape> _f16 =
        device.Load<Halves, Ints, Ints, Floats, Ints, Floats, EmbeddingShape>(EmbeddingPortable.Kernel<ushort, HalfFormat>);

    private readonly Action<KernelConfig, Halves, Ints, Ints, Floats, Ints, Floats, EmbeddingShape> _bf16 =
        device.Load<Halves, Ints, Ints, Floats, Ints, Floats, EmbeddingShape>(EmbeddingPortable.Kernel<ushort, Bfloat16Format>);

    public void Run(KernelConfig config, WeightMatrix embedding, RowTable rows, LogitsState logits, Floats x, EmbeddingShape shape)
    {
        if (embedding.Type == ElementType.F32)
            _f32(config, embedding.Singles, rows.Tokens, rows.Slots, logits.TopValues, logits.TopTokens, x, shape);
        else
            (embedding.Type == ElementType.F16 ? _f16 : _bf16)(
                config, embedding.Halves, rows.Tokens, rows.Slots, logits.TopValues, logits.TopTokens, x, shape);
    }
}
