using ILGPU;
using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

/// <summary>
/// What groups of one launch hand to each other and to the host: counts, clusters, and cells of eight bytes that hold a float and, in the upper half,
/// a tag. A cell is written and read as a whole, so whoever sees the tag sees the number.
/// </summary>
internal static unsafe partial class PtxInstructions
{
    /// <summary>The number of a cell, as soon as it has the tag.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred late; .reg .b64 pair; .reg .b32 tag; again: ld.relaxed.gpu.global.u64 pair, [$0]; mov.b64 {$r, tag}, pair; "
        + "setp.ne.u32 late, tag, $1; @late bra again; }")]
    public static float LoadTagged(ulong address, uint tag) => Await(address, tag);

    /// <summary>The numbers of four neighbouring cells, as soon as all have the tag. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred late; .reg .b64 a, b, c, d; .reg .b32 ta, tb, tc, td; again: ld.relaxed.gpu.global.v2.u64 {a, b}, [$0]; "
        + "ld.relaxed.gpu.global.v2.u64 {c, d}, [$0+16]; mov.b64 {$r.0, ta}, a; mov.b64 {$r.1, tb}, b; mov.b64 {$r.2, tc}, c; mov.b64 {$r.3, td}, d; "
        + "xor.b32 ta, ta, $1; xor.b32 tb, tb, $1; xor.b32 tc, tc, $1; xor.b32 td, td, $1; or.b32 ta, ta, tb; or.b32 tc, tc, td; or.b32 ta, ta, tc; "
        + "setp.ne.u32 late, ta, 0; @late bra again; }")]
    public static Quad LoadTaggedQuad(ulong address, uint tag) => new(
        Await(address, tag), Await(address + sizeof(ulong), tag),
        Await(address + (2 * sizeof(ulong)), tag), Await(address + (3 * sizeof(ulong)), tag));

    /// <summary>A number with its tag into a cell. The address is a multiple of 8.</summary>
    [IntrinsicImplementation, PtxTemplate("{ .reg .b64 pair; mov.b64 pair, {$1, $2}; st.relaxed.gpu.global.u64 [$0], pair; }")]
    public static void StoreTagged(ulong address, float value, uint tag) =>
        Atomic.Exchange(ref *(ulong*)address, ((ulong)tag << 32) | Interop.FloatAsInt(value));

    /// <summary>Two numbers with their tag into neighbouring cells. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .b64 a, b; mov.b64 a, {$1, $3}; mov.b64 b, {$2, $3}; st.relaxed.gpu.global.v2.u64 [$0], {a, b}; }")]
    public static void StoreTaggedPair(ulong address, float first, float second, uint tag)
    {
        StoreTagged(address, first, tag);
        StoreTagged(address + sizeof(ulong), second, tag);
    }

    /// <summary>Adds one to a count in global memory.</summary>
    /// <returns>The count before.</returns>
    [IntrinsicImplementation, PtxTemplate("atom.global.add.u32 $r, [$0], 1;")]
    public static int CountUp(ulong address) => Interlocked.Increment(ref *(int*)address) - 1;

    /// <summary>
    /// Counts in global memory from 0 to <paramref name="last"/> and back to 0. What this thread wrote, and what it knows of others' writes, is
    /// visible to whoever counts after it.
    /// </summary>
    /// <returns>The count before.</returns>
    [IntrinsicImplementation, PtxTemplate("atom.acq_rel.gpu.global.inc.u32 $r, [$0], $1;")]
    public static int CountAround(ulong address, int last)
    {
        while (true)
        {
            var seen = Volatile.Read(ref *(int*)address);
            if (Interlocked.CompareExchange(ref *(int*)address, seen >= last ? 0 : seen + 1, seen) == seen) return seen;
        }
    }

    /// <summary>Which of its pair a group is: 0 or 1.</summary>
    [IntrinsicImplementation, PtxTemplate("mov.u32 $r, %cluster_ctarank;")]
    public static int RankInPair() => throw HopperOnly();

    /// <summary>Waits for all threads of all groups of a cluster, but not for what they wrote.</summary>
    [IntrinsicImplementation, PtxTemplate("barrier.cluster.arrive.relaxed; barrier.cluster.wait;")]
    public static void MeetClusterEmptyHanded() => throw HopperOnly();

    /// <summary>Waits for all threads of all groups of a cluster; what they put into shared memory before is visible after.</summary>
    [IntrinsicImplementation, PtxTemplate("barrier.cluster.arrive.release; barrier.cluster.wait.acquire;")]
    public static void MeetCluster()
    {
    }

    /// <summary>
    /// Four floats of another group's shared memory, at the place that <paramref name="own"/> is in this group's; both are of one cluster. The
    /// address is a multiple of 16.
    /// </summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .b32 own, far; cvt.u32.u64 own, $0; mapa.shared::cluster.u32 far, own, $1; "
        + "ld.shared::cluster.v4.f32 {$r.0,$r.1,$r.2,$r.3}, [far]; }")]
    public static Quad LoadClusterQuad(ulong own, int group) => *(Quad*)own;

    /// <summary>Two words into memory that the host looks at while the kernel runs; they come as a whole. The address is a multiple of 8.</summary>
    [IntrinsicImplementation, PtxTemplate("{ .reg .b64 pair; mov.b64 pair, {$1, $2}; st.relaxed.sys.global.u64 [$0], pair; }")]
    public static void StoreToHost(ulong address, int low, int high) => Volatile.Write(ref *(ulong*)address, ((ulong)(uint)high << 32) | (uint)low);

    /// <summary>Waits until a word that the host writes is at least <paramref name="until"/>, or so many nanoseconds have gone by.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred over; .reg .u32 word; .reg .u64 begin, now; mov.u64 begin, %globaltimer; AGAIN: ld.volatile.global.u32 word, [$0]; "
        + "setp.ge.u32 over, word, $1; @over bra DONE; mov.u64 now, %globaltimer; sub.u64 now, now, begin; setp.lt.u64 over, now, $2; "
        + "@over bra AGAIN; DONE: }")]
    public static void WaitForHost(ulong address, uint until, ulong patience)
    {
        var begin = System.Diagnostics.Stopwatch.GetTimestamp();
        while (Volatile.Read(ref *(uint*)address) < until && System.Diagnostics.Stopwatch.GetElapsedTime(begin).TotalNanoseconds < patience) { }
    }

    private static float Await(ulong address, uint tag)
    {
        var cell = Atomic.Add(ref *(ulong*)address, 0UL); // a read that is made again every time
        while ((uint)(cell >> 32) != tag) cell = Atomic.Add(ref *(ulong*)address, 0UL);
        return Interop.IntAsFloat((uint)cell);
    }
}
