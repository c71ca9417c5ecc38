using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

/// <summary>
/// Copies into shared memory that go on while threads work: batches of 16 bytes a thread on Ampere and newer; tiles, and the barriers that count
/// their bytes, on Hopper and newer, which the host cannot run.
/// </summary>
internal static unsafe partial class PtxInstructions
{
    /// <summary>Starts a copy of 16 bytes of global memory into shared memory. Addresses are multiples of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("{ .reg .b32 to; cvt.u32.u64 to, $0; cp.async.cg.shared.global [to], [$1], 16; }")]
    public static void StartWholeCopy(ulong shared, ulong global) => *(Word16*)shared = *(Word16*)global;

    /// <summary>
    /// Starts a copy of 16 bytes into shared memory, zeros if <paramref name="bytes"/> is 0 instead of 16. Addresses are multiples of 16.
    /// </summary>
    [IntrinsicImplementation, PtxTemplate("cp.async.cg.shared.global.L2::128B [$0], [$1], 16, $2;")]
    public static void StartCopy(ulong shared, ulong global, int bytes) => *(Word16*)shared = bytes == 0 ? default : *(Word16*)global;

    /// <summary>The same of a float.</summary>
    [IntrinsicImplementation, PtxTemplate("cp.async.ca.shared.global [$0], [$1], 4;")]
    public static void StartFloatCopy(ulong shared, ulong global) => *(float*)shared = *(float*)global;

    /// <summary>Makes the copies since the last call one batch.</summary>
    [IntrinsicImplementation, PtxTemplate("cp.async.commit_group;")]
    public static void CloseCopies()
    {
    }

    /// <summary>Waits until all of the thread's batches have arrived.</summary>
    [IntrinsicImplementation, PtxTemplate("cp.async.wait_group 0;")]
    public static void WaitForCopies()
    {
    }

    /// <summary>Waits until all of the thread's batches but the last one have arrived.</summary>
    [IntrinsicImplementation, PtxTemplate("cp.async.wait_group 1;")]
    public static void WaitForCopiesButOne()
    {
    }

    /// <summary>Waits until all of the thread's batches but the last two have arrived.</summary>
    [IntrinsicImplementation, PtxTemplate("cp.async.wait_group 2;")]
    public static void WaitForCopiesButTwo()
    {
    }

    /// <summary>Makes eight bytes of shared memory a barrier that a number of arrivals completes.</summary>
    [IntrinsicImplementation, PtxTemplate("mbarrier.init.shared.b64 [$0], $1;")]
    public static void InitialiseBarrier(uint barrier, int arrivals) => throw HopperOnly();

    /// <summary>Shows initialised barriers to the copying hardware.</summary>
    [IntrinsicImplementation, PtxTemplate("fence.mbarrier_init.release.cluster; fence.proxy.async.shared::cta;")]
    public static void ShowBarriers() => throw HopperOnly();

    /// <summary>Arrives at a barrier.</summary>
    [IntrinsicImplementation, PtxTemplate("mbarrier.arrive.shared::cta.b64 _, [$0];")]
    public static void Arrive(uint barrier) => throw HopperOnly();

    /// <summary>The address of a place of this group's shared memory in another group of the cluster.</summary>
    [IntrinsicImplementation, PtxTemplate("mapa.shared::cluster.u32 $r, $0, $1;")]
    public static uint InGroup(uint shared, int rank) => throw HopperOnly();

    /// <summary>Starts to write 16 bytes into another group; they count at its barrier. Addresses as <see cref="InGroup"/> says.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "st.async.weak.shared::cluster.mbarrier::complete_tx::bytes.v4.f32 [$0], {$1, $2, $3, $4}, [$5];")]
    public static void SendQuad(uint place, float a, float b, float c, float d, uint barrier) => throw HopperOnly();

    /// <summary>Arrives at a barrier, and announces bytes that copies will bring before the barrier completes.</summary>
    [IntrinsicImplementation, PtxTemplate("mbarrier.arrive.expect_tx.shared::cta.b64 _, [$0], $1;")]
    public static void ArriveExpecting(uint barrier, int bytes) => throw HopperOnly();

    /// <summary>Waits until the barrier has completed the phase of this parity; a new barrier counts as having completed parity 1.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred done; again: mbarrier.try_wait.parity.shared::cta.b64 done, [$0], $1; @done bra ready; bra again; ready: }")]
    public static void WaitForBarrier(uint barrier, uint parity) => throw HopperOnly();

    /// <summary>As <see cref="WaitForBarrier"/>, for what another group of the cluster has sent.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred done; again: mbarrier.try_wait.parity.acquire.cluster.shared::cta.b64 done, [$0], $1; @done bra ready; bra again; ready: }")]
    public static void WaitForSent(uint barrier, uint parity) => throw HopperOnly();

    /// <summary>Waits for the first so many threads of the group, a multiple of 32, which alone may call it.</summary>
    [IntrinsicImplementation, PtxTemplate("bar.sync 1, $0;")]
    public static void WaitForFirst(int threads) => throw HopperOnly();

    /// <summary>Starts the copy of a tile into shared memory; its bytes count at the barrier. What lies outside the tensor becomes zero.</summary>
    /// <param name="shared">Where it goes, a multiple of 1024.</param>
    /// <param name="map">Address of the tensor's map in global memory.</param>
    /// <param name="column">The tile's first column.</param>
    /// <param name="row">The tile's first row.</param>
    /// <param name="barrier">Which barrier waits for it.</param>
    [IntrinsicImplementation, PtxTemplate(
        "cp.async.bulk.tensor.2d.shared::cluster.global.mbarrier::complete_tx::bytes [$0], [$1, {$2, $3}], [$4];")]
    public static void StartTile(uint shared, ulong map, int column, int row, uint barrier) => throw HopperOnly();

    /// <summary>Starts the copy of neighbouring bytes into shared memory; they count at the barrier.</summary>
    /// <param name="shared">Where they go, a multiple of 16.</param>
    /// <param name="global">Where they lie in global memory, likewise.</param>
    /// <param name="bytes">How many, likewise.</param>
    /// <param name="barrier">Which barrier waits for them.</param>
    [IntrinsicImplementation, PtxTemplate("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [$0], [$1], $2, [$3];")]
    public static void StartBytes(uint shared, ulong global, int bytes, uint barrier) => throw HopperOnly();

    /// <summary>Shows what threads have put into shared memory to the tensor cores that read it by themselves.</summary>
    [IntrinsicImplementation, PtxTemplate("fence.proxy.async.shared::cta;")]
    public static void ShowToProducts()
    {
    }
}
