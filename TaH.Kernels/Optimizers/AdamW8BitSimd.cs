using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: blocks spread over threads, moments of a block in the first-level cache, vectors along it; codes become floats by a table.</summary>
internal static unsafe class AdamW8BitSimd
{
    private const int Block = QuantizedMoments.Block;

    private static readonly float[] Signed = [.. Enumerable.Range(0, 256).Select(code => LittleFloats.DecodeSigned((byte)code))];
    private static readonly float[] Unsigned = [.. Enumerable.Range(0, 256).Select(code => LittleFloats.DecodeUnsigned((byte)code))];

    public static void Run(
        CpuWorkers workers, Floats weights, Floats gradients, QuantizedMoments firstMoments, QuantizedMoments secondMoments, Halves bf16Copy,
        Floats gradientScale, AdamW8BitStep step) =>
        workers.For(checked((int)QuantizedMoments.Blocks(step.Length)), grain: 16, new Job
        {
            Weights = Pointers.Of(weights), Gradients = Pointers.Of(gradients), FirstScales = Pointers.Of(firstMoments.Scales),
            SecondScales = Pointers.Of(secondMoments.Scales), FirstCodes = Pointers.Of(firstMoments.Codes), SecondCodes = Pointers.Of(secondMoments.Codes),
            Copy = Pointers.Of(bf16Copy), Clip = *Pointers.Of(gradientScale), Settings = step,
        });

    private struct Job : ICpuJob
    {
        public float* Weights, Gradients, FirstScales, SecondScales;
        public byte* FirstCodes, SecondCodes;
        public ushort* Copy;
        public float Clip;
        public AdamW8BitStep Settings;

        public readonly void Run(int start, int end)
        {
            float* first = stackalloc float[Block], second = stackalloc float[Block], scratch = stackalloc float[Block];
            for (var block = start; block < end; block++)
            {
                var at = (long)block * Block;
                var count = (int)Math.Min(Block, Settings.Length - at);
                Moments(block, at, new Span<float>(first, count), new Span<float>(second, count), new Span<float>(scratch, count));
                Move(at, new Span<float>(first, count), new Span<float>(second, count), new Span<float>(scratch, count));
                FirstScales[block] = Round(at, new Span<float>(first, count), signed: true);
                SecondScales[block] = Round(at, new Span<float>(second, count), signed: false);
            }
        }

        private readonly void Moments(int block, long at, Span<float> first, Span<float> second, Span<float> gradient)
        {
            float firstScale = FirstScales[block], secondScale = SecondScales[block];
            for (var i = 0; i < first.Length; i++) (first[i], second[i]) = (Signed[FirstCodes[at + i]] * firstScale, Unsigned[SecondCodes[at + i]] * secondScale);
            TensorPrimitives.Multiply(new ReadOnlySpan<float>(Gradients + at, gradient.Length), Clip, gradient);
            TensorPrimitives.Multiply(second, Settings.Factors.Beta2, second);
            for (var i = 0; i < first.Length; i++)
            {
                first[i] += (gradient[i] - first[i]) * Settings.Factors.Rest1;
                second[i] += gradient[i] * gradient[i] * Settings.Factors.Rest2;
            }
        }

        private readonly void Move(long at, ReadOnlySpan<float> first, ReadOnlySpan<float> second, Span<float> step)
        {
            var factors = Settings.Factors;
            var weight = new Span<float>(Weights + at, first.Length);
            TensorPrimitives.Sqrt(second, step);
            TensorPrimitives.Divide(step, factors.RootCorrection, step);
            TensorPrimitives.Add(step, factors.Epsilon, step);
            TensorPrimitives.Divide(first, step, step);
            TensorPrimitives.Multiply(weight, factors.Decay, weight);
            TensorPrimitives.MultiplyAdd(step, -factors.Rate, weight, weight);
            if (Copy is not null) new HostElements(ElementType.Bf16, Copy).Narrow(weight, at);
        }

        private readonly float Round(long at, ReadOnlySpan<float> moments, bool signed)
        {
            var scale = AdamW8BitPortable.ScaleOf(Math.Abs(TensorPrimitives.MaxMagnitude(moments)));
            var codes = (signed ? FirstCodes : SecondCodes) + at;
            for (var i = 0; i < moments.Length; i++)
            {
                var random = Settings.Bits.Of(at + i);
                codes[i] = scale == 0f ? (byte)0
                    : signed ? LittleFloats.EncodeSigned(moments[i] / scale, random & 0xFFFF)
                    : LittleFloats.EncodeUnsigned(moments[i] / scale, random >> 16);
            }
            return scale;
        }
    }
}
