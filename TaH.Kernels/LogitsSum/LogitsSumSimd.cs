using System.Numerics.Tensors;

namespace TaH.Kernels;

/// <summary>The CPU: a job is a piece of a row.</summary>
internal static unsafe class LogitsSumSimd
{
    public static void Run(CpuWorkers workers, Floats raw, RowTable rows, Floats accumulated, LogitsSumShape shape) =>
        workers.For(shape.HeadRows * shape.Pieces, grain: 4, new Job
        {
            Raw = Pointers.Of(raw), Accumulated = Pointers.Of(accumulated), HeadRows = Pointers.Of(rows.HeadRows),
            Depths = Pointers.Of(rows.RowDepths), Slots = Pointers.Of(rows.Slots), Shape = shape,
        });

    private struct Job : ICpuJob
    {
        public float* Raw, Accumulated;
        public int* HeadRows, Depths, Slots;
        public LogitsSumShape Shape;

        public readonly void Run(int start, int end)
        {
            for (var unit = start; unit < end; unit++)
            {
                var (head, piece) = Math.DivRem(unit, Shape.Pieces);
                var row = HeadRows[head];
                var first = piece * LogitsSumShape.Piece;
                var length = Math.Min(LogitsSumShape.Piece, Shape.Vocab - first);
                var source = new ReadOnlySpan<float>(Raw + ((long)head * Shape.Vocab) + first, length);
                var target = new Span<float>(Accumulated + ((long)Slots[row] * Shape.Vocab) + first, length);
                if (Depths[row] == 0) source.CopyTo(target); // a fresh slot may hold anything
                else TensorPrimitives.Add(source, target, target);
            }
        }
    }
}
