using ILGPU;
using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

/// <summary>
/// Instructions for products of tiles on tensor cores (Ampere and newer), and for memory that multiprocessors share (Hopper and newer).
/// </summary>
internal static unsafe class PtxTileInstructions
{
    /// <summary>Sends for sixteen bytes of global memory to be put into shared memory. Both addresses are multiples of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("{ .reg .b32 to; cvt.u32.u64 to, $0; cp.async.cg.shared.global [to], [$1], 16; }")]
    public static void CopyToShared(ulong shared, ulong global) => *(Word16*)shared = *(Word16*)global;

    /// <summary>The copies that the thread has sent for since the last call are a set from now on.</summary>
    [IntrinsicImplementation, PtxTemplate("cp.async.commit_group;")]
    public static void EndCopySet()
    {
    }

    /// <summary>Waits until at most two of the thread's sets of copies are on the way.</summary>
    [IntrinsicImplementation, PtxTemplate("cp.async.wait_group 2;")]
    public static void WaitForCopySetsButTwo()
    {
    }

    /// <summary>Makes what the thread sees in shared memory visible to the tensor cores that read it by themselves.</summary>
    [IntrinsicImplementation, PtxTemplate("fence.proxy.async.shared::cta;")]
    public static void ShowSharedToTensorCores()
    {
    }

    /// <summary>
    /// Four 8 x 8 matrices of 16-bit elements from shared memory, each thread naming the row that its lane is the number of; the thread gets two
    /// neighbours of each: row lane / 4, columns from 2 * (lane % 4) on.
    /// </summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .b32 from; cvt.u32.u64 from, $0; ldmatrix.sync.aligned.m8n8.x4.shared.b16 {$r.0,$r.1,$r.2,$r.3}, [from]; }")]
    public static Word16 LoadMatrices(ulong row) => new(HostMatrix(row, 0), HostMatrix(row, 1), HostMatrix(row, 2), HostMatrix(row, 3));

    /// <summary>
    /// sums + a b of bfloat16 matrices in a warp's registers: a is 16 x 16, b is 16 x 8. Where a thread's elements belong: see
    /// <c>mma.m16n8k16</c> in the PTX manual.
    /// </summary>
    [IntrinsicImplementation, PtxTemplate(
        "mma.sync.aligned.m16n8k16.row.col.f32.bf16.bf16.f32 {$r.0,$r.1,$r.2,$r.3}, {$1,$2,$3,$4}, {$5,$6}, {$0.0,$0.1,$0.2,$0.3};")]
    public static Quad AddProduct(Quad sums, uint a0, uint a1, uint a2, uint a3, uint b0, uint b1)
    {
        int row = Warp.LaneIdx / 4 * 4, column = Warp.LaneIdx % 4 * 8; // the first lanes that hold the rows of a and the columns of b
        for (var k = 0; k < 4; k++)
        {
            var low = HostColumns(b0, column, k);
            sums = HostAdd(sums, Warp.Shuffle(a0, row + k), Warp.Shuffle(a1, row + k), low.A, low.B);
            var high = HostColumns(b1, column, k);
            sums = HostAdd(sums, Warp.Shuffle(a2, row + k), Warp.Shuffle(a3, row + k), high.A, high.B);
        }
        return sums;
    }

    /// <summary>Two floats as bfloat16, nearest, ties to even: the first in the lower half.</summary>
    [IntrinsicImplementation, PtxTemplate("cvt.rn.bf16x2.f32 $r, $1, $0;")]
    public static uint PackBfloat16(float low, float high) =>
        default(Bfloat16Format).Narrow(low) | ((uint)default(Bfloat16Format).Narrow(high) << 16);

    /// <summary>Four words into global memory. The address is a multiple of 4.</summary>
    [IntrinsicImplementation, PtxTemplate("st.global.u32 [$0], $1;")]
    public static void StoreWord(ulong address, uint word) => *(uint*)address = word;

    /// <summary>Four floats into global memory. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("st.global.v4.f32 [$0], {$1.0,$1.1,$1.2,$1.3};")]
    public static void StoreQuad(ulong address, Quad values) => *(Quad*)address = values;

    /// <summary>Adds one to an int of global memory, in one go, and returns what it was.</summary>
    [IntrinsicImplementation, PtxTemplate("atom.global.add.u32 $r, [$0], 1;")]
    public static int CountUp(ulong address) => Interlocked.Increment(ref *(int*)address) - 1;

    /// <summary>
    /// Four floats at an offset that <paramref name="own"/> has in this group's shared memory, in that of another group of the cluster.
    /// </summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .b32 own, far; cvt.u32.u64 own, $0; mapa.shared::cluster.u32 far, own, $1; "
        + "ld.shared::cluster.v4.f32 {$r.0,$r.1,$r.2,$r.3}, [far]; }")]
    public static Quad LoadClusterQuad(ulong own, int group) => *(Quad*)own;

    /// <summary>All threads of the cluster meet; what they wrote to shared memory before is visible after.</summary>
    [IntrinsicImplementation, PtxTemplate("barrier.cluster.arrive.release; barrier.cluster.wait.acquire;")]
    public static void MeetCluster()
    {
    }

    private static uint HostMatrix(ulong row, int matrix)
    {
        var lane = (8 * matrix) + (Warp.LaneIdx / 4);
        ulong low = Warp.Shuffle((uint)row, lane), high = Warp.Shuffle((uint)(row >> 32), lane);
        return ((uint*)(low | (high << 32)))[Warp.LaneIdx % 4];
    }

    private static (uint A, uint B) HostColumns(uint b, int column, int k) => (Warp.Shuffle(b, column + k), Warp.Shuffle(b, column + 4 + k));

    private static Quad HostAdd(Quad sums, uint upper, uint lower, uint left, uint right) => new(
        HostDot(sums.A, upper, left), HostDot(sums.B, upper, right), HostDot(sums.C, lower, left), HostDot(sums.D, lower, right));

    private static float HostDot(float sum, uint a, uint b) =>
        sum + (Interop.IntAsFloat(a << 16) * Interop.IntAsFloat(b << 16))
        + (Interop.IntAsFloat(a & 0xffff0000u) * Interop.IntAsFloat(b & 0xffff0000u));
}
