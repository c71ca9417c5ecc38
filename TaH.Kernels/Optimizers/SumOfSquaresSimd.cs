using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: pieces spread over threads, their sums added up in double and in order.</summary>
internal static unsafe class SumOfSquaresSimd
{
    private const int Piece = 8192;
    private const int Stretch = 256; // values that are summed in f32: so few that roundings that all go one way stay below a millionth

    public static void Run(CpuWorkers workers, Floats values, Floats result, Scratch scratch)
    {
        var pieces = checked((int)((values.Length + Piece - 1) / Piece));
        var partials = Pointers.Of(scratch.Reserve(pieces));
        workers.For(pieces, grain: 4, new Job(Pointers.Of(values), partials, values.Length));
        var sum = 0.0;
        for (var piece = 0; piece < pieces; piece++) sum += partials[piece];
        *Pointers.Of(result) = (float)sum;
    }

    private readonly struct Job(float* values, float* partials, long length) : ICpuJob
    {
        public void Run(int start, int end)
        {
            for (var piece = start; piece < end; piece++)
            {
                var last = Math.Min((piece + 1L) * Piece, length);
                var sum = 0.0;
                for (var i = (long)piece * Piece; i < last; i += Stretch)
                    sum += TensorPrimitives.SumOfSquares(new ReadOnlySpan<float>(values + i, (int)Math.Min(Stretch, last - i)));
                partials[piece] = (float)sum;
            }
        }
    }
}
