using System.Numerics.Tensors;
using System.Runtime.CompilerServices;

namespace TaH.Kernels;

/// <summary>
/// The CPU: a job is a row and a KV head, so that keys and values are read once for all query heads that share them; where such jobs are too few for the
/// threads, the entries are cut into parts as well.
/// </summary>
internal static unsafe class DuoCausalAttentionSimd
{
    private const int JobsPerThread = 4;

    // Below this a part costs more to combine than it saves.
    private const int LeastPart = 128;

    public static void Run(
        CpuWorkers workers, DuoCausalAttentionPartials partials, Floats query, DuoCausalGrid grid, KvLayer cache, Floats mixed, DuoCausalAttentionShape shape)
    {
        var jobs = shape.Rows * shape.KvHeads;
        var splits = Math.Clamp(MostEntries(grid, shape) / LeastPart, 1, ((JobsPerThread * workers.Count) + jobs - 1) / jobs);
        if (splits > 1) partials.Reserve((long)shape.Rows * shape.Heads * splits, shape.HeadDim);
        var job = new Job
        {
            Query = Pointers.Of(query), Mixed = Pointers.Of(mixed), Partials = splits > 1 ? Pointers.Of(partials.View) : null,
            Keys = HostElements.Keys(cache), Values = HostElements.Values(cache), Grid = new HostGrid(grid), Shape = shape, Splits = splits,
        };
        workers.For(jobs * splits, grain: 1, job);
        if (splits > 1) workers.For(shape.Rows * shape.Heads, grain: 4, new CombineJob { Mixed = job.Mixed, Partials = job.Partials, Shape = shape, Splits = splits });
    }

    private static int MostEntries(DuoCausalGrid grid, DuoCausalAttentionShape shape)
    {
        var host = new HostGrid(grid);
        var most = 0;
        for (var row = 0; row < shape.Rows; row++) most = Math.Max(most, host.VisibleEntries(row, shape));
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
                var (rowHead, part) = Math.DivRem(unit, Splits);
                var (row, kvHead) = Math.DivRem(rowHead, Shape.KvHeads);
                var firstHead = ((long)row * Shape.Heads) + (kvHead * Shape.HeadsPerKvHead); // of the query heads that share this KV head
                var entries = Grid.VisibleEntries(row, Shape);
                var (from, to) = ((int)((long)entries * part / Splits), (int)((long)entries * (part + 1) / Splits));
                if (Partials is null) Whole(memory, row, kvHead, firstHead, entries);
                else Part(memory, row, kvHead, from, to, firstHead, part);
            }
        }

        private readonly void Whole(float* memory, int row, int kvHead, long firstHead, int entries)
        {
            var sums = Mixed + (firstHead * Shape.HeadDim);
            var block = new AttentionBlock(memory, Query + (firstHead * Shape.HeadDim), sums, Shape.HeadDim, Shape);
            Attend(ref block, row, kvHead, 0, entries);
            for (var head = 0; head < Shape.HeadsPerKvHead; head++)
            {
                var scale = block.Weights[head] == 0f ? 0f : 1f / block.Weights[head];
                var line = new Span<float>(sums + ((long)head * Shape.HeadDim), Shape.HeadDim);
                TensorPrimitives.Multiply(line, scale, line);
            }
        }

        private readonly void Part(float* memory, int row, int kvHead, int from, int to, long firstHead, int part)
        {
            var stride = Shape.HeadDim + DuoCausalAttentionPartials.Extra;
            var sums = Partials + (((firstHead * Splits) + part) * stride); // partials[row, head, part, 0]
            var block = new AttentionBlock(memory, Query + (firstHead * Shape.HeadDim), sums, Splits * stride, Shape);
            Attend(ref block, row, kvHead, from, to);
            for (var head = 0; head < Shape.HeadsPerKvHead; head++)
            {
                var target = sums + ((long)head * Splits * stride) + Shape.HeadDim;
                (target[0], target[1]) = (block.Largest[head], block.Weights[head]);
            }
        }

        private readonly void Attend(ref AttentionBlock block, int row, int kvHead, int from, int to)
        {
            var cells = stackalloc int[AttentionBlock.Entries];
            for (var entry = from; entry < to; entry += AttentionBlock.Entries)
            {
                var count = Math.Min(AttentionBlock.Entries, to - entry);
                Grid.CellsOf(row, entry, new Span<int>(cells, count), Shape);
                for (var i = 0; i < count; i++) Keys.Widen(Start(cells[i], kvHead), block.Line(i));
                block.Score(count);
                for (var i = 0; i < count; i++) Values.Widen(Start(cells[i], kvHead), block.Line(i));
                block.Accumulate(count);
            }
        }

        private readonly long Start(int cell, int kvHead) => (((long)cell * Shape.KvHeads) + kvHead) * Shape.HeadDim;
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
