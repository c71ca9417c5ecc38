using ILGPU.IR.Intrinsics;

namespace TaH.Kernels;

/// <summary>Hopper and newer: copies of the copy engine into shared memory, and the barriers that count their bytes.</summary>
internal static unsafe partial class PtxInstructions
{
    /// <summary>Makes a barrier of 8 bytes in shared memory, at a multiple of 8, that one thread arrives at.</summary>
    [IntrinsicImplementation, PtxTemplate("mbarrier.init.shared.b64 [$0], 1;")]
    public static void MakeBarrier(ulong barrier) => *(CopyBarrier*)barrier = default;

    /// <summary>Lets the copy engine see barriers that this thread has made.</summary>
    [IntrinsicImplementation, PtxTemplate("fence.mbarrier_init.release.cluster; fence.proxy.async.shared::cta;")]
    public static void ShowBarriersToCopies()
    {
    }

    /// <summary>Arrives at a barrier, whose phase ends when so many bytes have come.</summary>
    [IntrinsicImplementation, PtxTemplate("mbarrier.arrive.expect_tx.shared::cta.b64 _, [$0], $1;")]
    public static void ExpectBytes(ulong barrier, int bytes) => ((CopyBarrier*)barrier)->Missing = bytes;

    /// <summary>Sends for bytes of global memory; addresses and count are multiples of 16. The barrier counts them as they come.</summary>
    [IntrinsicImplementation, PtxTemplate("cp.async.bulk.shared::cluster.global.mbarrier::complete_tx::bytes [$0], [$1], $2, [$3];")]
    public static void CopyToShared(ulong target, ulong source, int bytes, ulong barrier)
    {
        Buffer.MemoryCopy((void*)source, (void*)target, bytes, bytes);
        if (Interlocked.Add(ref ((CopyBarrier*)barrier)->Missing, -bytes) == 0) Interlocked.Increment(ref ((CopyBarrier*)barrier)->Phase);
    }

    /// <summary>Waits for the end of the barrier's phase of this parity: 0 for the first, then 1, then 0 again.</summary>
    [IntrinsicImplementation, PtxTemplate(
        "{ .reg .pred full; AGAIN: mbarrier.try_wait.parity.shared::cta.b64 full, [$0], $1; @full bra DONE; bra AGAIN; DONE: }")]
    public static void WaitForBytes(ulong barrier, int parity)
    {
        while ((Volatile.Read(ref ((CopyBarrier*)barrier)->Phase) & 1) == parity) Thread.Yield();
    }

    /// <summary>Four words of shared memory. The address is a multiple of 16.</summary>
    [IntrinsicImplementation, PtxTemplate("ld.shared.v4.u32 {$r.0,$r.1,$r.2,$r.3}, [$0];")]
    public static Word16 LoadSharedWord(ulong address) => *(Word16*)address;

    /// <summary>What the C# bodies make of a barrier.</summary>
    private struct CopyBarrier
    {
        public int Phase;
        public int Missing;
    }
}
