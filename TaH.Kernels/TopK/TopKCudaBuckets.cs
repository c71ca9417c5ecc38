using ILGPU;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>
/// CUDA: one group a row, which reads only the buckets whose largest logit reaches the k-th largest of these; see <see cref="LogitsBuckets"/>. What
/// wrote the sums has left the buckets' maxima; the kernel clears them for the next pass.
/// </summary>
internal sealed class TopKCudaBuckets
{
    private readonly ComputeDevice _device;
    private readonly int _groupSize;
    private readonly Lazy<Action<AcceleratorStream, KernelConfig, Ints, Ints, Floats, Keys, Floats, Ints, TopKShape>> _kernel;

    /// <summary>Prepares the kernel for a device that <see cref="PtxLoader.Serves"/> says yes to.</summary>
    public TopKCudaBuckets(ComputeDevice device)
    {
        _device = device;
        _groupSize = Math.Min(1024, device.Accelerator.MaxNumThreadsPerGroup); // simulated warps come in groups of eight
        _kernel = new(() => PtxLoader.Load(device, Method, new KernelSpecialization(_groupSize, 1))
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, Ints, Ints, Floats, Keys, Floats, Ints, TopKShape>>());
    }

    /// <summary>The kernel.</summary>
    internal static System.Reflection.MethodInfo Method { get; } = ((Action<Ints, Ints, Floats, Keys, Floats, Ints, TopKShape>)Kernel).Method;

    public void Run(RowTable rows, LogitsState logits, TopKShape shape) => _kernel.Value(
        _device.Accelerator.DefaultStream, (shape.HeadRows, _groupSize),
        rows.HeadRows, rows.Slots, logits.Accumulated, logits.BucketMaxima, logits.TopValues, logits.TopTokens, shape);

    private static void Kernel(Ints headRows, Ints slots, Floats accumulated, Keys maxima, Floats topValues, Ints topTokens, TopKShape shape)
    {
        var largest = SharedMemory.Allocate<uint>(LogitsBuckets.Count);
        var buckets = SharedMemory.Allocate<int>(LogitsBuckets.Count);
        var counts = SharedMemory.Allocate<int>(TopKCandidates.CellCount);
        var candidates = new TopKCandidates(
            SharedMemory.Allocate<ulong>(TopKCandidates.Capacity), SharedMemory.Allocate<float>(TopKCandidates.Capacity), counts);
        if (Group.IdxX < TopKCandidates.CellCount) counts[Group.IdxX] = 0;
        var slot = PtxInstructions.Keep(slots[headRows[Grid.IdxX]]); // tables of the pass were there before it
        PtxInstructions.WaitForPrevious();
        // Not sooner: the decider reads hidden states, which are complete now, without waiting for the largest logits.
        PtxInstructions.LetNextStart();
        var start = (long)slot * shape.Vocab; // accumulated[slot, 0]
        for (var bucket = Group.IdxX; bucket < LogitsBuckets.Count; bucket += Group.DimX)
        {
            var at = ((long)slot * LogitsBuckets.Count) + bucket;
            largest[bucket] = maxima[at];
            maxima[at] = 0u;
        }
        Group.Barrier();
        var threshold = Threshold(largest, shape.K);
        for (var bucket = Group.IdxX; bucket < LogitsBuckets.Count; bucket += Group.DimX)
        {
            if (largest[bucket] >= threshold && threshold > 0u) buckets[Atomic.Add(ref counts[TopKCandidates.BucketsCell], 1)] = bucket;
        }
        Group.Barrier();
        candidates.CollectFrom(buckets, counts[TopKCandidates.BucketsCell], accumulated, start, threshold, shape.Vocab);
        Group.Barrier();
        // Too few buckets hold anything, or too many logits are near the k-th: find the k-th itself.
        if (threshold == 0u || candidates.Count > TopKCandidates.Capacity) candidates.CollectExactly(accumulated, start, shape);
        candidates.WriteLargest(topValues, topTokens, (long)slot * shape.K, shape.K);
    }

    /// <summary>
    /// A key that at least k buckets' largest reach, built from its highest bit down; 0 if fewer than k buckets hold anything. Sixteen bits: what
    /// the others would keep out are candidates within a hundredth of the k-th.
    /// </summary>
    private static uint Threshold(ArrayView<uint> largest, int k)
    {
        var key = 0u;
        for (var bit = 0x80000000u; bit >= 0x10000u; bit >>= 1)
        {
            var count = 0;
            for (var first = 0; first < LogitsBuckets.Count; first += Group.DimX)
                count += Group.BarrierPopCount(largest[first + Group.IdxX] >= (key | bit));
            if (count >= k) key |= bit;
        }
        return key;
    }
}
