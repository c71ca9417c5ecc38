namespace TaH.Kernels;

/// <summary>Which variant of each operation serves a device; for matrix products <see cref="MatMul.Choose"/> says it.</summary>
internal sealed record BackendVariants(
    RmsNormVariant RmsNorm, RotateAndStoreVariant RotateAndStore, EmbeddingVariant Embedding, SwiGluVariant SwiGlu, GatherRowsVariant GatherRows,
    LogitsSumVariant LogitsSum, TopKVariant TopK, DeciderVariant Decider, SamplingVariant Sampling)
{
    private static readonly BackendVariants Simd = new(
        RmsNormVariant.Simd, RotateAndStoreVariant.Simd, EmbeddingVariant.Simd, SwiGluVariant.Simd, GatherRowsVariant.Simd, LogitsSumVariant.Simd,
        TopKVariant.Simd, DeciderVariant.Simd, SamplingVariant.Simd);

    private static readonly BackendVariants Portable = new(
        RmsNormVariant.Portable, RotateAndStoreVariant.Portable, EmbeddingVariant.Portable, SwiGluVariant.Portable, GatherRowsVariant.Portable,
        LogitsSumVariant.Portable, TopKVariant.Portable, DeciderVariant.Portable, SamplingVariant.Portable);

    /// <summary>SIMD on the CPU, portable kernels on every other device.</summary>
    public static BackendVariants For(ComputeDevice device) => device.Kind == DeviceKind.Cpu ? Simd : Portable;

    /// <summary>These, with what is written for CUDA in its place.</summary>
    public BackendVariants WithCuda() => this with
    {
        Embedding = EmbeddingVariant.CudaOctets, LogitsSum = LogitsSumVariant.CudaBuckets, TopK = TopKVariant.CudaBuckets,
        Decider = DeciderVariant.CudaResident, Sampling = SamplingVariant.CudaTop,
    };

    /// <summary>The variant of attention for a pass.</summary>
    public static DuoCausalAttentionVariant Attention(ComputeDevice device, RowTable rows) => device switch
    {
        // A tile takes rows of one sequence; fewer than six queries would leave some of it idle.
        { Kind: DeviceKind.Cpu } when rows.Count >= 4 * rows.Runs => DuoCausalAttentionVariant.SimdTiled,
        { Kind: DeviceKind.Cpu } => DuoCausalAttentionVariant.Simd,
        // Few rows cannot fill a GPU with a group a row and head; a CPU runtime has few cores to fill.
        { Info.IsGpu: true } when rows.Count <= 8 => DuoCausalAttentionVariant.PortableSplit,
        _ => DuoCausalAttentionVariant.Portable,
    };
}
