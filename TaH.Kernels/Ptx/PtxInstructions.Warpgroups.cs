using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

/// <summary>
/// Hopper: products of a warpgroup, four warps, with b in shared memory. The sums are registers with names, so that products can work on them while
/// the threads go on. The host cannot run these.
/// </summary>
internal static partial class PtxInstructions
{
    /// <summary>
    /// Declares 128 sums a thread, for products of 256 columns. Once, at the beginning of a kernel; only one count may be declared.
    /// </summary>
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

    // Descriptors: rows of 128 bytes, swizzled by 128 bytes, eight rows to the next group of rows (layout 1, strides 16 and 1024 bytes). Their upper
    // half is always this; the lower one goes on by 16 elements, in units of 16 bytes, from one product to the next.
    private const string BeginOfSlice =
        "{ .reg .pred add; .reg .b32 high; .reg .b64 a, b; setp.eq.b32 add, 0, 0; mov.b32 high, 0x40000040; "
        + "mov.b64 a, {$0, high}; mov.b64 b, {$1, high}; ";

    private const string EndOfSlice = "}, a, b, add, 1, 1, 0, 0; add.u64 a, a, 2; add.u64 b, b, 2; ) }";

    /// <summary>Of the lower half of a descriptor, besides the address in units of 16 bytes.</summary>
    public const uint SliceLayout = 0x10000;

    // Operands the other way round: rows of 64 columns, swizzled by 128 bytes, eight rows to the next; 16 rows go on by 2048 bytes.
    private const string EndOfColumns = "}, a, b, add, 1, 1, 1, 1; add.u64 a, a, 128; add.u64 b, b, 128; ) }";

    /// <summary>As <see cref="SliceLayout"/>, for operands that <see cref="StartColumns256"/> takes: 8192 bytes to the next 64 columns.</summary>
    public const uint ColumnsLayout = 0x2000000;

    /// <summary>
    /// Starts: sums + a b^T of bf16, a [64, 64] and b [256, 64] in shared memory. Of the sums, thread t has rows t / 32 * 16 + t % 32 / 4 and the one
    /// 8 below; number 4 j to 4 j + 3 are columns 8 j + 2 (t % 4) and the next of the upper row, then the lower.
    /// </summary>
    /// <param name="a">Lower half of the descriptor of a, see <see cref="SliceLayout"/>.</param>
    /// <param name="b">That of b.</param>
    [IntrinsicImplementation, PtxTemplate(
        BeginOfSlice + "$each(4,wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16 {$list(sum,128)" + EndOfSlice)]
    public static void StartSlice256(uint a, uint b) => throw HopperOnly();

    /// <summary>As <see cref="StartSlice256"/>, b [192, 64].</summary>
    [IntrinsicImplementation, PtxTemplate(
        BeginOfSlice + "$each(4,wgmma.mma_async.sync.aligned.m64n192k16.f32.bf16.bf16 {$list(sum,96)" + EndOfSlice)]
    public static void StartSlice192(uint a, uint b) => throw HopperOnly();

    /// <summary>As <see cref="StartSlice256"/>, b [128, 64].</summary>
    [IntrinsicImplementation, PtxTemplate(
        BeginOfSlice + "$each(4,wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {$list(sum,64)" + EndOfSlice)]
    public static void StartSlice128(uint a, uint b) => throw HopperOnly();

    /// <summary>As <see cref="StartSlice256"/>, b [64, 64].</summary>
    [IntrinsicImplementation, PtxTemplate(
        BeginOfSlice + "$each(4,wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {$list(sum,32)" + EndOfSlice)]
    public static void StartSlice64(uint a, uint b) => throw HopperOnly();

    /// <summary>
    /// Starts: sums + a^T b of bf16, a [64, 64] and b [64, 256] in shared memory, b as four blocks of 64 columns, one behind the other. The sums lie
    /// as <see cref="StartSlice256"/> says.
    /// </summary>
    /// <param name="a">Lower half of the descriptor of a, see <see cref="ColumnsLayout"/>.</param>
    /// <param name="b">That of b.</param>
    [IntrinsicImplementation, PtxTemplate(
        BeginOfSlice + "$each(4,wgmma.mma_async.sync.aligned.m64n256k16.f32.bf16.bf16 {$list(sum,128)" + EndOfColumns)]
    public static void StartColumns256(uint a, uint b) => throw HopperOnly();

    /// <summary>As <see cref="StartColumns256"/>, b [64, 192].</summary>
    [IntrinsicImplementation, PtxTemplate(
        BeginOfSlice + "$each(4,wgmma.mma_async.sync.aligned.m64n192k16.f32.bf16.bf16 {$list(sum,96)" + EndOfColumns)]
    public static void StartColumns192(uint a, uint b) => throw HopperOnly();

    /// <summary>As <see cref="StartColumns256"/>, b [64, 128].</summary>
    [IntrinsicImplementation, PtxTemplate(
        BeginOfSlice + "$each(4,wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {$list(sum,64)" + EndOfColumns)]
    public static void StartColumns128(uint a, uint b) => throw HopperOnly();

    /// <summary>As <see cref="StartColumns256"/>, b [64, 64].</summary>
    [IntrinsicImplementation, PtxTemplate(
        BeginOfSlice + "$each(4,wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {$list(sum,32)" + EndOfColumns)]
    public static void StartColumns64(uint a, uint b) => throw HopperOnly();

    /// <summary>As <see cref="StartSlice256"/>, b [32, 64].</summary>
    [IntrinsicImplementation, PtxTemplate(
        BeginOfSlice + "$each(4,wgmma.mma_async.sync.aligned.m64n32k16.f32.bf16.bf16 {$list(sum,16)" + EndOfSlice)]
    public static void StartSlice32(uint a, uint b) => throw HopperOnly();

    /// <summary>As <see cref="StartSlice256"/>, b [16, 64].</summary>
    [IntrinsicImplementation, PtxTemplate(
        BeginOfSlice + "$each(4,wgmma.mma_async.sync.aligned.m64n16k16.f32.bf16.bf16 {$list(sum,8)" + EndOfSlice)]
    public static void StartSlice16(uint a, uint b) => throw HopperOnly();

    private const string BeginOfRegisters = "{ .reg .pred add; .reg .b32 flag; mov.b32 flag, $5; setp.ne.b32 add, flag, 0; ";
    private const string EndOfRegisters = "}, {$0,$1,$2,$3}, $4, add, 1, 1, 0; }";

    /// <summary>
    /// Starts: sums = a b of bf16 if <paramref name="add"/> is 0, else sums + a b; a [64, 16] in registers as <see cref="MultiplyBfloat16"/> has it,
    /// each warp with 16 rows, and b [16, 16] in shared memory. Of the sums, threads have what <see cref="StartSlice256"/> says.
    /// </summary>
    /// <param name="a0">Of a, the upper left quarter of the warp's rows.</param>
    /// <param name="a1">The lower left one.</param>
    /// <param name="a2">The upper right one.</param>
    /// <param name="a3">The lower right one.</param>
    /// <param name="b">Descriptor of b.</param>
    /// <param name="add">Whether there are sums to add to.</param>
    [IntrinsicImplementation, PtxTemplate(
        BeginOfRegisters + "wgmma.mma_async.sync.aligned.m64n16k16.f32.bf16.bf16 {$list(sum,8)" + EndOfRegisters)]
    public static void StartProductOfRegisters16(uint a0, uint a1, uint a2, uint a3, ulong b, int add) => throw HopperOnly();

    /// <summary>As <see cref="StartProductOfRegisters16"/>, b [16, 32].</summary>
    [IntrinsicImplementation, PtxTemplate(
        BeginOfRegisters + "wgmma.mma_async.sync.aligned.m64n32k16.f32.bf16.bf16 {$list(sum,16)" + EndOfRegisters)]
    public static void StartProductOfRegisters32(uint a0, uint a1, uint a2, uint a3, ulong b, int add) => throw HopperOnly();

    /// <summary>As <see cref="StartProductOfRegisters16"/>, b [16, 64].</summary>
    [IntrinsicImplementation, PtxTemplate(
        BeginOfRegisters + "wgmma.mma_async.sync.aligned.m64n64k16.f32.bf16.bf16 {$list(sum,32)" + EndOfRegisters)]
    public static void StartProductOfRegisters64(uint a0, uint a1, uint a2, uint a3, ulong b, int add) => throw HopperOnly();

    /// <summary>As <see cref="StartProductOfRegisters16"/>, b [16, 128].</summary>
    [IntrinsicImplementation, PtxTemplate(
        BeginOfRegisters + "wgmma.mma_async.sync.aligned.m64n128k16.f32.bf16.bf16 {$list(sum,64)" + EndOfRegisters)]
    public static void StartProductOfRegisters128(uint a0, uint a1, uint a2, uint a3, ulong b, int add) => throw HopperOnly();

    /// <summary>One of the declared sums. The number must be a constant of the compiled kernel.</summary>
    [IntrinsicImplementation, PtxTemplate("mov.f32 $r, sum$0;")]
    public static float Sum(int number) => throw HopperOnly();

    /// <summary>One of two declared sums. Their numbers must be constants of the compiled kernel.</summary>
    [IntrinsicImplementation, PtxTemplate("{ .reg .pred other; setp.ne.s32 other, $2, 0; selp.f32 $r, sum$1, sum$0, other; }")]
    public static float SumOf(int number, int other, int takeOther) => throw HopperOnly();

    /// <summary>Sets one of the declared sums. The number must be a constant of the compiled kernel.</summary>
    [IntrinsicImplementation, PtxTemplate("mov.f32 sum$0, $1;")]
    public static void SetSum(int number, float value) => throw HopperOnly();

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

    /// <summary>
    /// Takes registers that another warpgroup gave up: 232 a thread. All threads of a warpgroup call. A kernel of three warpgroups starts with 168.
    /// </summary>
    [IntrinsicImplementation, PtxTemplate("setmaxnreg.inc.sync.aligned.u32 232;")]
    public static void TakeRegisters() => throw HopperOnly();

    /// <summary>Gives registers up: 40 a thread are left.</summary>
    [IntrinsicImplementation, PtxTemplate("setmaxnreg.dec.sync.aligned.u32 40;")]
    public static void GiveRegistersUp() => throw HopperOnly();
}
