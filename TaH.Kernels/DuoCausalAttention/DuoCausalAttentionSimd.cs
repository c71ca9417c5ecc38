using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace TaH.Kernels;

/// <summary>
/// The CPU: a job is a row, or a part of its entries where rows are too few for the threads. It goes through the entries once for all heads, so that
/// keys and values are read in the order in which they lie in memory, and once for all query heads that share them.
/// </summary>
internal static unsafe class DuoCausalAttentionSimd
{
    private const int JobsPerThread = 4;

    // Below this a part costs more to combine than it saves.
    private const int LeastPart = 32;

    public static void Run(
        CpuWorkers workers, DuoCausalAttentionPartials partials, Floats query, DuoCausalGrid grid, KvLayer cache,
        Floats mixed, DuoCausalAttentionShape shape)
    {
        var host = new HostGrid(grid);
        var splits = Math.Clamp(MostEntries(host, shape) / LeastPart, 1, ((JobsPerThread * workers.Count) + shape.Rows - 1) / shape.Rows);
        if (splits > 1) partials.Reserve((long)shape.Rows * shape.Heads * splits, shape.HeadDim);
        var job = new Job
        {
            Query = Pointers.Of(query), Mixed = Pointers.Of(mixed), Partials = splits > 1 ? Pointers.Of(partials.View) : null,
            Keys = HostElements.Keys(cache), Values = HostElements.Values(cache), Grid = host, Shape = shape, Splits = splits,
        };
        workers.For(shape.Rows * splits, grain: 1, job);
        if (splits == 1) return;
        workers.For(shape.Rows * shape.Heads, grain: 16,
            new CombineJob { Mixed = job.Mixed, Partials = job.Partials, Shape = shape, Splits = splits });
    }

    private static int MostEntries(HostGrid grid, DuoCausalAttentionShape shape)
    {
        var most = 0;
        for (var row = 0; row < shape.Rows; row++) most = Math.Max(most, grid.VisibleEntries(row, shape));
        return most;
    }

    private struct Job : ICpuJob
    {
        public float* Query, Mixed, Partials;
        public HostElements Keys, Values;
        public HostGrid Grid;
        public DuoCausalAttentionShape Shape;
        public int Splits;

        [SkipLocalsInit]
        public readonly void Run(int start, int end)
        {
            var memory = stackalloc float[AttentionBlock.FloatsFor(Shape)];
            for (var unit = start; unit < end; unit++)
            {
                var (row, part) = Math.DivRem(unit, Splits);
                if (Partials is null) Whole(memory, row);
                else Part(memory, row, part);
            }
        }

        private readonly void Whole(float* memory, int row)
        {
            var first = (long)row * Shape.Heads * Shape.HeadDim; // q[row, 0, 0]
            var block = new AttentionBlock(memory, Query + first, Mixed + first, Shape.HeadDim, Shape);
            Attend(block, row, 0, Grid.VisibleEntries(row, Shape));
            for (var head = 0; head < Shape.Heads; head++)
            {
                var scale = block.Weights[head] == 0f ? 0f : 1f / block.Weights[head]; // 0: it sees nothing
                var line = new Span<float>(Mixed + first + ((long)head * Shape.HeadDim), Shape.HeadDim);
                TensorPrimitives.Multiply(line, scale, line);
            }
        }

        private readonly void Part(float* memory, int row, int part)
        {
            var stride = Shape.HeadDim + DuoCausalAttentionPartials.Extra;
            var sums = Partials + ((((long)row * Shape.Heads * Splits) + part) * stride); // partials[row, 0, part, 0]
            var block = new AttentionBlock(memory, Query + ((long)row * Shape.Heads * Shape.HeadDim), sums, Splits * stride, Shape);
            var entries = (long)Grid.VisibleEntries(row, Shape);
            Attend(block, row, (int)(entries * part / Splits), (int)(entries * (part + 1) / Splits));
            for (var head = 0; head < Shape.Heads; head++)
            {
                var target = sums + ((long)head * Splits * stride) + Shape.HeadDim;
                (target[0], target[1]) = (block.Largest[head], block.Weights[head]);
            }
        }

        private readonly void Attend(in AttentionBlock block, int row, int from, int to)
        {
            Span<int> memory = stackalloc int[AttentionBlock.Entries];
            for (var entry = from; entry < to; entry += AttentionBlock.Entries)
            {
                var cells = memory[..Math.Min(AttentionBlock.Entries, to - entry)];
                Grid.CellsOf(row, entry, cells, Shape);
                for (var kvHead = 0; kvHead < Shape.KvHeads; kvHead++)
                {
                    block.Take(Keys, cells, kvHead, Shape.KvHeads);
                    Prefetch(Values, cells, kvHead);
                    block.Score(kvHead, cells.Length);
                    block.Take(Values, cells, kvHead, Shape.KvHeads);
                    if (kvHead + 1 < Shape.KvHeads) Prefetch(Keys, cells, kvHead + 1);
                    block.Accumulate(kvHead, cells.Length);
                }
            }
        }

        private readonly void Prefetch(HostElements elements, ReadOnlySpan<int> cells, int kvHead)
        {
            foreach (var cell in cells) elements.Prefetch((((long)cell * Shape.KvHeads) + kvHead) * Shape.HeadDim, Shape.HeadDim);
        }
    }

    private struct CombineJob : ICpuJob
    {
        public float* Mixed, Partials;
        public DuoCausalAttentionShape Shape;
        public int Splits;

        public readonly void Run(int start, int end)
        {
            var stride = Shape.HeadDim + DuoCausalAttentionPartials.Extra;
            for (var head = start; head < end; head++)
            {
                var parts = Partials + ((long)head * Splits * stride);
                var largest = float.NegativeInfinity;
                for (var part = 0; part < Splits; part++) largest = MathF.Max(largest, parts[((long)part * stride) + Shape.HeadDim]);
                var mixed = new Span<float>(Mixed + ((long)head * Shape.HeadDim), Shape.HeadDim);
                mixed.Clear();
                var weights = 0f;
                for (var part = 0; part < Splits; part++)
                {
                    var sums = parts + ((long)part * stride);
                    if (sums[Shape.HeadDim + 1] == 0f) continue; // an empty part
                    var scale = MathF.Exp(sums[Shape.HeadDim] - largest);
                    weights += sums[Shape.HeadDim + 1] * scale;
                    TensorPrimitives.MultiplyAdd(new ReadOnlySpan<float>(sums, Shape.HeadDim), scale, mixed, mixed);
                }
                TensorPrimitives.Multiply(mixed, weights == 0f ? 0f : 1f / weights, mixed);
            }
        }
    }
}
