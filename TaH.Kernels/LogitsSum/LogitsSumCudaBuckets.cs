using ILGPU;
using ILGPU.Algorithms;
using ILGPU.Runtime;

namespace TaH.Kernels;

/// <summary>CUDA: one thread a bucket of <see cref="LogitsBuckets"/>, which finds the bucket's largest sum in passing.</summary>
/// <param name="device">A device that <see cref="PtxLoader.Serves"/> says yes to.</param>
internal sealed class LogitsSumCudaBuckets(ComputeDevice device)
{
    private const int GroupSize = 128;
    private const int GroupsOfRow = LogitsBuckets.Count / GroupSize;

    private readonly Lazy<Action<AcceleratorStream, KernelConfig, Floats, Ints, Ints, Ints, Floats, Keys, LogitsSumShape>> _kernel = new(() =>
        PtxLoader.Load(device, Method, new KernelSpecialization(GroupSize, null))
            .CreateLauncherDelegate<Action<AcceleratorStream, KernelConfig, Floats, Ints, Ints, Ints, Floats, Keys, LogitsSumShape>>());

    /// <summary>The kernel.</summary>
    internal static System.Reflection.MethodInfo Method { get; } = ((Action<Floats, Ints, Ints, Ints, Floats, Keys, LogitsSumShape>)Kernel).Method;

    public void Run(Floats raw, RowTable rows, LogitsState logits, LogitsSumShape shape) => _kernel.Value(
        device.Accelerator.DefaultStream, (shape.HeadRows * GroupsOfRow, GroupSize),
        raw, rows.HeadRows, rows.RowDepths, rows.Slots, logits.Accumulated, logits.BucketMaxima, shape);

    private static void Kernel(Floats raw, Ints headRows, Ints depths, Ints slots, Floats accumulated, Keys maxima, LogitsSumShape shape)
    {
        PtxInstructions.LetNextStart();
        PtxInstructions.WaitForPrevious();
        int head = Grid.IdxX / GroupsOfRow, bucket = (Grid.IdxX % GroupsOfRow * GroupSize) + Group.IdxX;
        var row = headRows[head];
        var source = (long)head * shape.Vocab;       // raw[head, 0]
        var target = (long)slots[row] * shape.Vocab; // accumulated[slot, 0]
        var deep = depths[row] > 0;                  // a fresh slot may hold anything, so depth 0 does not read it
        var largest = 0u;
        for (var token = bucket * LogitsBuckets.Run; token < shape.Vocab; token += LogitsBuckets.Stride)
        {
            var first = Sum(LogitsBuckets.Load(raw, source, token, shape.Vocab), accumulated, target, token, shape.Vocab, deep);
            var second = Sum(LogitsBuckets.Load(raw, source, token + 4, shape.Vocab), accumulated, target, token + 4, shape.Vocab, deep);
            largest = XMath.Max(largest, Store(first, accumulated, target, token, shape.Vocab));
            largest = XMath.Max(largest, Store(second, accumulated, target, token + 4, shape.Vocab));
        }
        maxima[((long)slots[row] * LogitsBuckets.Count) + bucket] = largest;
    }

    private static Quad Sum(Quad raw, Floats accumulated, long target, int token, int vocab, bool deep)
    {
        if (!deep) return raw;
        var before = LogitsBuckets.Load(accumulated, target, token, vocab);
        return new Quad(before.A + raw.A, before.B + raw.B, before.C + raw.C, before.D + raw.D);
    }

    /// <summary>Writes the sums of tokens that exist; returns the largest key of them.</summary>
    private static uint Store(Quad sums, Floats accumulated, long target, int token, int vocab)
    {
        if (token + 4 <= vocab && vocab % 4 == 0)
        {
            PtxInstructions.StoreQuad(PtxInstructions.AddressOf(ref accumulated[target + token]), sums);
            return XMath.Max(
                XMath.Max(OrderedBits.Of(sums.A), OrderedBits.Of(sums.B)), XMath.Max(OrderedBits.Of(sums.C), OrderedBits.Of(sums.D)));
        }
        var first = XMath.Max(StoreOne(sums.A, accumulated, target, token, vocab), StoreOne(sums.B, accumulated, target, token + 1, vocab));
        var second = XMath.Max(StoreOne(sums.C, accumulated, target, token + 2, vocab), StoreOne(sums.D, accumulated, target, token + 3, vocab));
        return XMath.Max(first, second);
    }

    private static uint StoreOne(float sum, Floats accumulated, long target, int token, int vocab)
    {
        if (token >= vocab) return 0u;
        accumulated[target + token] = sum;
        return OrderedBits.Of(sum);
    }
}
