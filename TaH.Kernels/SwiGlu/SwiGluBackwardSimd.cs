using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: pieces that stay in the first-level cache, results apart from what they may be written over until a piece is done.</summary>
internal static unsafe class SwiGluBackwardSimd
{
    private const int Piece = 512;

    public static void Run(CpuWorkers workers, Floats gate, Floats up, Floats dh, Floats dGate, Floats dUp, SwiGluShape shape) =>
        workers.For(
            checked((int)((shape.Length + Piece - 1) / Piece)), grain: 8,
            new Job(Pointers.Of(gate), Pointers.Of(up), Pointers.Of(dh), Pointers.Of(dGate), Pointers.Of(dUp), shape.Length));

    private readonly struct Job(float* gate, float* up, float* dh, float* dGate, float* dUp, long length) : ICpuJob
    {
        public void Run(int start, int end)
        {
            var scratch = stackalloc float[2 * Piece];
            for (var piece = start; piece < end; piece++)
            {
                var first = (long)piece * Piece;
                var count = (int)Math.Min(Piece, length - first);
                Backward(
                    new(gate + first, count), new(up + first, count), new(dh + first, count), new(dGate + first, count), new(dUp + first, count),
                    new(scratch, count), new(scratch + Piece, count));
            }
        }

        private static void Backward(
            ReadOnlySpan<float> gate, ReadOnlySpan<float> up, ReadOnlySpan<float> dh, Span<float> dGate, Span<float> dUp,
            Span<float> ofGate, Span<float> ofUp)
        {
            TensorPrimitives.Sigmoid(gate, ofUp);
            TensorPrimitives.Subtract(1f, ofUp, ofGate);
            TensorPrimitives.Multiply(ofGate, gate, ofGate);
            TensorPrimitives.Add(ofGate, 1f, ofGate);
            TensorPrimitives.Multiply(ofGate, ofUp, ofGate);
            TensorPrimitives.Multiply(ofGate, up, ofGate);
            TensorPrimitives.Multiply(ofUp, gate, ofUp);
            TensorPrimitives.Multiply(ofUp, dh, ofUp);
            TensorPrimitives.Multiply(ofGate, dh, dGate); // the last that reads the gradient
            ofUp.CopyTo(dUp);
        }
    }
}
