using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: pieces that stay in the first-level cache, vectors within.</summary>
internal static unsafe class SwiGluSimd
{
    private const int Piece = 512;

    public static void Run(CpuWorkers workers, Floats gate, Floats up, Floats h, SwiGluShape shape) =>
        workers.For(
            checked((int)((shape.Length + Piece - 1) / Piece)), grain: 8, new Job(Pointers.Of(gate), Pointers.Of(up), Pointers.Of(h), shape.Length));

    private readonly struct Job(float* gate, float* up, float* h, long length) : ICpuJob
    {
        public void Run(int start, int end)
        {
            var scratch = stackalloc float[Piece]; // apart from h, which may be the gate itself
            for (var piece = start; piece < end; piece++)
            {
                var first = (long)piece * Piece;
                var count = (int)Math.Min(Piece, length - first);
                var activated = new Span<float>(scratch, count);
                var gates = new ReadOnlySpan<float>(gate + first, count);
                TensorPrimitives.Sigmoid(gates, activated);
                TensorPrimitives.Multiply(activated, gates, activated);
                TensorPrimitives.Multiply(activated, new ReadOnlySpan<float>(up + first, count), new Span<float>(h + first, count));
            }
        }
    }
}
