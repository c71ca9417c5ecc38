using System.Buffers;

namespace TaH.Kernels;

/// <summary>The CPU: one row a thread.</summary>
internal static unsafe class TopKSimd
{
    public static void Run(CpuWorkers workers, RowTable rows, LogitsState logits, TopKShape shape) =>
        Run(workers, rows.HeadRows, rows.Slots, logits.Accumulated, logits.TopValues, logits.TopTokens, shape);

    public static void Run(
        CpuWorkers workers, Ints headRows, Ints slots, Floats accumulated, Floats topValues, Ints topTokens, TopKShape shape) =>
        workers.For(shape.HeadRows, grain: 1, new Job
        {
            HeadRows = Pointers.Of(headRows), Slots = Pointers.Of(slots), Accumulated = Pointers.Of(accumulated),
            TopValues = Pointers.Of(topValues), TopTokens = Pointers.Of(topTokens), Shape = shape,
        });

    private struct Job : ICpuJob
    {
        public int* HeadRows, Slots, TopTokens;
        public float* Accumulated, TopValues;
        public TopKShape Shape;

        public readonly void Run(int start, int end)
        {
            var memory = ArrayPool<ulong>.Shared.Rent(LargestSelector.RoomFor(Shape.Vocab, Shape.K));
            for (var head = start; head < end; head++)
            {
                var slot = Slots[HeadRows[head]];
                var values = new ReadOnlySpan<float>(Accumulated + ((long)slot * Shape.Vocab), Shape.Vocab);
                var selected = LargestSelector.Select(values, Shape.K, memory);
                for (var rank = 0; rank < Shape.K; rank++)
                {
                    var token = LargestSelector.IndexOf(selected[rank]);
                    TopValues[((long)slot * Shape.K) + rank] = values[token];
                    TopTokens[((long)slot * Shape.K) + rank] = token;
                }
            }
            ArrayPool<ulong>.Shared.Return(memory);
        }
    }
}
