using ILGPU.Runtime;

namespace TaH.Tests;

[Collection(DeviceCollection.Name)]
public class AdamW8BitTests(TestDevices devices)
{
    // 1, 5000: a block that is not whole, many blocks. With and without decay, clipping and the copy.
    public static TheoryData<OptimizerVariant, DeviceKind, int, double, float, bool> Cases()
    {
        var cases = new TheoryData<OptimizerVariant, DeviceKind, int, double, float, bool>();
        foreach (var (variant, kind) in KernelCases.Of<OptimizerVariant>())
        foreach (var (length, decay, scale, copies) in ((int, double, float, bool)[])[(1, 0, 1f, true), (5000, 0.1, 0.3f, false), (256, 0.01, 1f, true)])
            cases.Add(variant, kind, length, decay, scale, copies);
        return cases;
    }

    [Theory, MemberData(nameof(Cases))]
    public void Steps_as_the_double_reference_does_from_the_moments_it_kept(
        OptimizerVariant variant, DeviceKind kind, int length, double decay, float scale, bool copies)
    {
        var device = devices.OpenOrSkip(kind);
        using var state = new State(device, RandomData.Uniform(1, length));
        using var scales = device.Copy([scale]);
        using var copy = device.Accelerator.Allocate1D<ushort>(length);
        var adam = devices.Once(device, variant, (on, by) => new AdamW8Bit(on, by));
        for (var step = 1; step <= 4; step++)
        {
            var settings = new AdamWStep(LearningRate: 0.01 / step, Beta1: 0.9, Beta2: 0.95, Epsilon: 1e-8, decay, step);
            // Gradients of all sizes, and some of zero.
            var gradient = RandomData.Uniform(step + 1, length).Select((value, i) => i % 7 == 6 ? 0f : value * MathF.Pow(10, -(i % 4))).ToArray();
            using var gradients = device.Copy(gradient);
            double[] expected = state.Weights, first = state.First, second = state.Second;
            adam.Run(
                state.WeightView, gradients.View, state.FirstMoments, state.SecondMoments, copies ? copy.View.BaseView : default, scales.View, settings,
                stream: 3);
            device.Synchronize();
            AdamWReference.Step(expected, gradient, first, second, scale, settings);
            // As for f32 moments, of weights up to 2; both sides read the same bytes.
            Near.Absolute(expected, [.. state.Weights.Select(value => (float)value)], ((16 * 0.01) + 4) * Math.Pow(2, -24));
            AreRounded(first, state.First, 16);
            AreRounded(second, state.Second, 32);
            if (copies) Assert.Equal(state.Weights.Select(value => default(Bfloat16Format).Narrow((float)value)), copy.GetAsArray1D());
        }
    }

    [Theory, InlineData(OptimizerVariant.Portable), InlineData(OptimizerVariant.Simd)]
    public void A_second_moment_follows_its_gradients_on_average(OptimizerVariant variant)
    {
        const int Length = 4096, Steps = 60;
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using var state = new State(device, new float[Length]);
        using FloatBuffer one = device.Copy([1f]), gradients = device.AllocateFloats(Length);
        using var adam = new AdamW8Bit(device, variant);
        var expected = 0.0;
        for (var step = 1; step <= Steps; step++)
        {
            // Each step moves moments by a thousandth at most: rounding to the nearest would leave them as the first step made them.
            var gradient = step == 1 ? 10f : 5f;
            gradients.CopyFromCPU([.. Enumerable.Repeat(gradient, Length - 16), .. Enumerable.Repeat(30f, 16)]);
            adam.Run(
                state.WeightView, gradients.View, state.FirstMoments, state.SecondMoments, default, one.View,
                new AdamWStep(1e-3, 0.9, 0.999, 1e-8, 0, step), stream: 0);
            expected = (0.999 * expected) + (0.001 * gradient * gradient);
        }
        // The mean of 4080 numbers, each of which has wandered by up to an eighth of itself a step: a few thousandths.
        Assert.Equal(1, state.Second[..(Length - 16)].Average() / expected, tolerance: 0.02);
    }

    [Theory, InlineData(OptimizerVariant.Portable), InlineData(OptimizerVariant.Simd)]
    public void A_minimum_is_found_as_with_moments_of_floats(OptimizerVariant variant)
    {
        const int Length = 1000, Steps = 150;
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        float[] target = RandomData.Uniform(1, Length), stiffness = [.. RandomData.Uniform(2, Length).Select(value => MathF.Pow(10, 2 * value))];
        double Run(Action<FloatBuffer, Floats, AdamWStep> step)
        {
            using FloatBuffer weights = device.Copy(new float[Length]), gradients = device.AllocateFloats(Length);
            for (var number = 1; number <= Steps; number++)
            {
                var weight = weights.GetAsArray1D()[..Length];
                gradients.CopyFromCPU([.. weight.Select((value, i) => stiffness[i] * (value - target[i]))]);
                step(weights, gradients.View, new AdamWStep(0.02, 0.9, 0.999, 1e-8, 0, number));
                device.Synchronize();
            }
            return Math.Sqrt(weights.GetAsArray1D()[..Length].Zip(target, (value, aim) => Math.Pow(value - aim, 2)).Sum() / target.Sum(aim => aim * aim));
        }
        using var state = new State(device, new float[Length]);
        using FloatBuffer first = device.Copy(new float[Length]), second = device.Copy(new float[Length]), one = device.Copy([1f]);
        using var adam = new AdamW(device, variant);
        using var adam8 = new AdamW8Bit(device, variant);
        var exact = Run((weights, gradients, step) => adam.Run(weights.View, gradients, first.View, second.View, default, one.View, step));
        var rounded = Run((weights, gradients, step) => adam8.Run(
            weights.View.BaseView.SubView(0, Length), gradients, state.FirstMoments, state.SecondMoments, default, one.View, step, stream: 0));
        // Both are far from the start, at 1, and near each other.
        Assert.InRange(exact, 0, 0.05);
        Assert.InRange(rounded, 0, 0.05);
    }

    [Fact]
    public void Little_floats_become_what_they_were()
    {
        for (var code = 0; code < 256; code++)
        {
            var (signed, unsigned) = (LittleFloats.DecodeSigned((byte)code), LittleFloats.DecodeUnsigned((byte)code));
            foreach (var random in new uint[] { 0, 0xFFFF })
            {
                Assert.Equal(signed, LittleFloats.DecodeSigned(LittleFloats.EncodeSigned(signed, random)));
                Assert.Equal(code, LittleFloats.EncodeUnsigned(unsigned, random));
            }
        }
        Assert.Equal(LittleFloats.Largest, LittleFloats.DecodeSigned(127));
        Assert.Equal(LittleFloats.Largest, LittleFloats.DecodeUnsigned(255));
        Assert.Equal(1, LittleFloats.EncodeUnsigned(1e-20f, 0)); // never zero
        Assert.Equal(0, LittleFloats.EncodeUnsigned(0, 0xFFFF));
    }

    [Fact]
    public void Refuses_what_does_not_fit()
    {
        var device = devices.OpenOrSkip(DeviceKind.Cpu);
        using FloatBuffer room = device.AllocateFloats(600), moments = device.Copy(new float[QuantizedMoments.FloatsFor(600)]);
        using var adam = new AdamW8Bit(device, OptimizerVariant.Simd);
        QuantizedMoments whole = QuantizedMoments.In(moments.View, 600), few = QuantizedMoments.In(moments.View, 512);
        var failure = Assert.Throws<ShapeException>(
            () => adam.Run(room.View, room.View, whole, few, default, room.View, new AdamWStep(1e-3, 0.9, 0.999, 1e-8, 0, Step: 1), stream: 0));
        Assert.StartsWith("secondMoments.Scales has 2 elements where the shape asks for 3", failure.Message, StringComparison.Ordinal);
    }

    /// <summary>A moment is one of the two numbers of a byte around the exact one: within an eighth of it, or of the smallest numbers of its block.</summary>
    private static void AreRounded(double[] exact, double[] actual, int exponents)
    {
        for (var i = 0; i < exact.Length; i++)
        {
            var start = i / QuantizedMoments.Block * QuantizedMoments.Block;
            var most = exact.Skip(start).Take(QuantizedMoments.Block).Max(Math.Abs);
            var gap = Math.Max(Math.Abs(exact[i]) / 8, most / 1.875 * Math.Pow(2, 2 - exponents - 3));
            Assert.True(Math.Abs(actual[i] - exact[i]) <= 1.0001 * gap, $"{i}: {actual[i]} for {exact[i]}, up to {most}");
        }
    }

    private sealed class State : IDisposable
    {
        private readonly FloatBuffer _weights, _first, _second;
        private readonly int _length;

        public State(ComputeDevice device, float[] weights)
        {
            _length = weights.Length;
            (_weights, _first, _second) = (device.Copy(weights), Zeros(), Zeros());
            FloatBuffer Zeros() => device.Copy(new float[QuantizedMoments.FloatsFor(_length)]);
        }

        public Floats WeightView => _weights.View.BaseView.SubView(0, _length);

        public QuantizedMoments FirstMoments => Moments(_first);

        public QuantizedMoments SecondMoments => Moments(_second);

        public double[] Weights => _weights.GetAsArray1D()[.._length].Widen();

        public double[] First => Decoded(_first, LittleFloats.DecodeSigned);

        public double[] Second => Decoded(_second, LittleFloats.DecodeUnsigned);

        public void Dispose()
        {
            foreach (var owned in new[] { _weights, _first, _second }) owned.Dispose();
        }

        private QuantizedMoments Moments(FloatBuffer memory) =>
            QuantizedMoments.In(memory.View.BaseView.SubView(0, QuantizedMoments.FloatsFor(_length)), _length);

        private double[] Decoded(FloatBuffer memory, Func<byte, float> decode)
        {
            var moments = Moments(memory);
            var scales = memory.GetAsArray1D();
            var codes = System.Runtime.InteropServices.MemoryMarshal.AsBytes(scales.AsSpan((int)moments.Scales.Length)).ToArray();
            return [.. Enumerable.Range(0, _length).Select(i => (double)scales[i / QuantizedMoments.Block] * decode(codes[i]))];
        }
    }
}
