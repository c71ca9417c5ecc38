using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

/// <summary>
/// Hopper: products of a batch, 64 weight rows of a warpgroup with up to 128 tokens, both in shared memory, sums in the registers that
/// <see cref="DeclareSums64"/> or <see cref="DeclareSums32"/> declares. The host cannot run these.
/// </summary>
internal static partial class PtxInstructions
{
    private const string BeginOfTokens = "{ .reg .pred add; setp.eq.b32 add, 0, 0; wgmma.mma_async.sync.aligned.";
    private const string EndOfTokens = "}, $0, $1, add, 1, 1, 0, 0; }";

    /// <summary>
    /// Starts: sums + a b^T of bf16, a [64, 16] and b [128, 16]. Of the sums, thread t has rows t / 32 * 16 + t % 32 / 4 and the one 8 below; number
    /// 4 j to 4 j + 3 are columns 8 j + 2 (t % 4) and the next of the upper row, then the lower.
    /// </summary>
    /// <param name="a">Descriptor of a.</param>
    /// <param name="b">Descriptor of b.</param>
    [IntrinsicImplementation, PtxTemplate(BeginOfTokens + "m64n128k16.f32.bf16.bf16 {$list(sum,64)" + EndOfTokens)]
    public static void StartTokens128(ulong a, ulong b) => throw HopperOnly();

    /// <summary>As <see cref="StartTokens128"/>, b [64, 16].</summary>
    [IntrinsicImplementation, PtxTemplate(BeginOfTokens + "m64n64k16.f32.bf16.bf16 {$list(sum,32)" + EndOfTokens)]
    public static void StartTokens64(ulong a, ulong b) => throw HopperOnly();

    /// <summary>As <see cref="StartTokens128"/>, b [32, 16].</summary>
    [IntrinsicImplementation, PtxTemplate(BeginOfTokens + "m64n32k16.f32.bf16.bf16 {$list(sum,16)" + EndOfTokens)]
    public static void StartTokens32(ulong a, ulong b) => throw HopperOnly();

    /// <summary>As <see cref="StartTokens128"/>, b [16, 16].</summary>
    [IntrinsicImplementation, PtxTemplate(BeginOfTokens + "m64n16k16.f32.bf16.bf16 {$list(sum,8)" + EndOfTokens)]
    public static void StartTokens16(ulong a, ulong b) => throw HopperOnly();
}
