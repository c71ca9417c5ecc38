using System.Buffers;

namespace TaH.Kernels;

/// <summary>The CPU: one row a thread.</summary>
internal static unsafe class TopKSimd
{
    public static void Run(CpuWorkers workers, RowTable rows, LogitsState logits, TopKShape shape) => workers.For(shape.HeadRows, grain: 1, new Job
    {
        HeadRows = Pointers.Of(rows.HeadRows), Slots = Pointers.Of(rows.Slots), Accumulated = Pointers.Of(logits.Accumulated),
        TopValues = Pointers.Of(logits.TopValues), TopTokens = Pointers.Of(logits.TopTokens), Shape = shape,
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
