using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

/// <summary>
/// Hopper: products of warpgroups (128 threads) straight from shared memory, whose sums are registers with names, and tiles that the tensor memory
/// accelerator copies. The host cannot run these. Addresses of shared memory are offsets in it.
/// </summary>
internal static partial class PtxInstructions
{
    /// <summary>The text of <see cref="RunInPairs"/>.</summary>
    public const string RunInPairsText = "// runs in pairs";

    /// <summary>Declares 128 sums a thread, for products of 256 columns. Once, at the beginning of a kernel; only one count may be declared.</summary>
    [IntrinsicImplementation, PtxTemplate(".reg .f32 sum<128>;")]
    public static void DeclareSums128() => throw HopperOnly();

    /// <summary>Declares 96 sums a thread, for products of 192 columns.</summary>
    [IntrinsicImplementation, PtxTemplate(".reg .f32 sum<96>;")]
    public static void DeclareSums96() => throw HopperOnly();

    /// <summary>Declares 64 sums a thread, for products of 128 columns.</summary>
    [IntrinsicImplementation, PtxTemplate(".reg .f32 sum<64>;")]
    public static void DeclareSums64() => throw HopperOnly();

    /// <summary>Declares 32 sums a thread, for products of 64 columns.</summary>
    [IntrinsicImplementation, PtxTemplate(".reg .f32 sum<32>;")]
    public static void DeclareSums32() => throw HopperOnly();

    /// <summary>Sets 128 declared sums to zero.</summary>
    [IntrinsicImplementation, PtxTemplate("$each(128,mov.f32 sum#, 0f00000000; )")]
    public static void ClearSums128() => throw HopperOnly();

    /// <summary>Sets 96 declared sums to zero.</summary>
    [IntrinsicImplementation, PtxTemplate("$each(96,mov.f32 sum#, 0f00000000; )")]
    public static void ClearSums96() => throw HopperOnly();

    /// <summary>Sets 64 declared sums to zero.</summary>
    [IntrinsicImplementation, PtxTemplate("$each(64,mov.f32 sum#, 0f00000000; )")]
    public static void ClearSums64() => throw HopperOnly();

    /// <summary>Sets 32 declared sums to zero.</summary>
    [IntrinsicImplementation, PtxTemplate("$each(32,mov.f32 sum#, 0f00000000; )")]
    public static void ClearSums32() => throw HopperOnly();

    /// <summary>
    /// Starts: sums + a b^T of bf16, a [64, 16] and b [256, 16] in shared memory. Of the sums, thread t has
    /// rows t / 32 * 16 + t % 32 / 4 and the one 8 below; number 4 j to 4 j + 3 are columns 8 j + 2 (t % 4) and the next of the upper row, then the lower.
    /// </summary>
    /// <param name="a">Descriptor of a.</param>
    /// <param name="b">Descriptor of b.</param>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred add; setp.eq.b32 add, 0, 0; wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16 {$list(sum,128)}, $0, $1, add, 1, 1, 0, 0; }")]
    public static void StartProduct256(ulong a, ulong b) => throw HopperOnly();

    /// <summary>As <see cref="StartProduct256"/>, b [192, 16].</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred add; setp.eq.b32 add, 0, 0; wgmma.mma_async.sync.aligned.m64n192k16.f32.bf16.bf16 {$list(sum,96)}, $0, $1, add, 1, 1, 0, 0; }")]
    public static void StartProduct192(ulong a, ulong b) => throw HopperOnly();

    /// <summary>As <see cref="StartProduct256"/>, b [128, 16].</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred add; setp.eq.b32 add, 0, 0; wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {$list(sum,64)}, $0, $1, add, 1, 1, 0, 0; }")]
    public static void StartProduct128(ulong a, ulong b) => throw HopperOnly();

    /// <summary>As <see cref="StartProduct256"/>, b [64, 16].</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred add; setp.eq.b32 add, 0, 0; wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {$list(sum,32)}, $0, $1, add, 1, 1, 0, 0; }")]
    public static void StartProduct64(ulong a, ulong b) => throw HopperOnly();

    /// <summary>One of the declared sums. The number must be a constant of the compiled kernel.</summary>
    [IntrinsicImplementation, PtxTemplate("mov.f32 $r, sum$0;")]
    public static float Sum(int number) => throw HopperOnly();

    /// <summary>Before the first product that uses registers or shared memory which the threads wrote.</summary>
    [IntrinsicImplementation, PtxTemplate("wgmma.fence.sync.aligned;")]
    public static void FenceProducts() => throw HopperOnly();

    /// <summary>Makes the products since the last call one batch.</summary>
    [IntrinsicImplementation, PtxTemplate("wgmma.commit_group.sync.aligned;")]
    public static void CloseProducts() => throw HopperOnly();

    /// <summary>Waits until all batches but the last one are done.</summary>
    [IntrinsicImplementation, PtxTemplate("wgmma.wait_group.sync.aligned 1;")]
    public static void WaitForProductsButOne() => throw HopperOnly();

    /// <summary>Waits until all batches are done; then the sums may be read.</summary>
    [IntrinsicImplementation, PtxTemplate("wgmma.wait_group.sync.aligned 0;")]
    public static void WaitForProducts() => throw HopperOnly();

    /// <summary>Makes eight bytes of shared memory a barrier that a number of arrivals completes.</summary>
    [IntrinsicImplementation, PtxTemplate("mbarrier.init.shared.b64 [$0], $1;")]
    public static void InitialiseBarrier(uint barrier, int arrivals) => throw HopperOnly();

    /// <summary>Shows initialised barriers to the copying hardware.</summary>
    [IntrinsicImplementation, PtxTemplate("fence.mbarrier_init.release.cluster; fence.proxy.async.shared::cta;")]
    public static void PublishBarriers() => throw HopperOnly();

    /// <summary>Arrives, and announces bytes that copies will bring before the barrier completes.</summary>
    [IntrinsicImplementation, PtxTemplate("mbarrier.arrive.expect_tx.shared::cta.b64 _, [$0], $1;")]
    public static void ArriveExpecting(uint barrier, int bytes) => throw HopperOnly();

    /// <summary>Waits until the barrier has completed the phase of this parity; a new barrier counts as having completed parity 1.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred done; again: mbarrier.try_wait.parity.shared::cta.b64 done, [$0], $1; @done bra ready; bra again; ready: }")]
    public static void WaitForBarrier(uint barrier, uint parity) => throw HopperOnly();

    /// <summary>Waits for the first so many threads of the group, a multiple of 32, which alone may call it.</summary>
    [IntrinsicImplementation, PtxTemplate("bar.sync 1, $0;")]
    public static void WaitForFirst(int threads) => throw HopperOnly();

    /// <summary>Arrives.</summary>
    [IntrinsicImplementation, PtxTemplate("mbarrier.arrive.shared::cta.b64 _, [$0];")]
    public static void Arrive(uint barrier) => throw HopperOnly();

    /// <summary>Starts the copy of a tile into shared memory; its bytes count at the barrier. What lies outside the tensor becomes zero.</summary>
    /// <param name="shared">Where it goes, a multiple of 1024.</param>
    /// <param name="map">Address of the tensor's map in global memory.</param>
    /// <param name="column">The tile's first column.</param>
    /// <param name="row">The tile's first row.</param>
    /// <param name="barrier">Which barrier waits for it.</param>
    [IntrinsicImplementation, PtxTemplate(
        "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [$0], [$1, {$2, $3}], [$4];")]
    public static void StartTile(uint shared, ulong map, int column, int row, uint barrier) => throw HopperOnly();

    /// <summary>As <see cref="StartTile"/>, into both groups of a pair, at the same place and with the same barrier of each.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .b16 both; mov.b16 both, 3; "
        + "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes.multicast::cluster [$0], [$1, {$2, $3}], [$4], both; }")]
    public static void StartTileForPair(uint shared, ulong map, int column, int row, uint barrier) => throw HopperOnly();

    /// <summary>Says that neighbouring groups are launched as pairs, side by side; <see cref="PtxText"/> turns it into a property of the kernel.</summary>
    [IntrinsicImplementation, PtxTemplate(RunInPairsText)]
    public static void RunInPairs() => throw HopperOnly();

    /// <summary>Which of its pair a group is: 0 or 1.</summary>
    [IntrinsicImplementation, PtxTemplate("mov.u32 $r, %cluster_ctarank;")]
    public static int RankInPair() => throw HopperOnly();

    /// <summary>Waits for all threads of both groups of a pair.</summary>
    [IntrinsicImplementation, PtxTemplate("barrier.cluster.arrive.release; barrier.cluster.wait.acquire;")]
    public static void MeetPair() => throw HopperOnly();

    /// <summary>
    /// Arrives at the barrier at this place of a group of the pair. No release at cluster scope, which would be a fence of the whole memory: what was read
    /// from shared memory is in registers, and nothing was written.
    /// </summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .b32 there; mapa.shared::cluster.u32 there, $0, $1; mbarrier.arrive.shared::cluster.b64 _, [there]; }")]
    public static void ArriveAt(uint barrier, int rank) => throw HopperOnly();

    /// <summary>The counterpart of <see cref="LoadMatrices"/>.</summary>
    [IntrinsicImplementation, PtxTemplate("stmatrix.sync.aligned.m8n8.x4.shared.b16 [$0], {$1,$2,$3,$4};")]
    public static void StoreMatrices(uint row, uint a, uint b, uint c, uint d) => throw HopperOnly();

    /// <summary>Adds two floats to global memory without waiting for what is there. The address is a multiple of 8.</summary>
    [IntrinsicImplementation, PtxTemplate("red.global.add.v2.f32 [$0], {$1, $2};")]
    public static void AddPair(ulong address, float first, float second) => throw HopperOnly();

    private static NotSupportedException HopperOnly() => new("this instruction needs a Hopper card");
}
