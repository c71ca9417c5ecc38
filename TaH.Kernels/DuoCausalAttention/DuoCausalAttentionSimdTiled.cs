using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TaH.Kernels;

/// <summary>
/// The CPU, many rows of a sequence: a job is a tile of neighbouring rows and one KV head. Keys and values are widened once for all the queries of
/// the tile, keys transposed on the way, and meet them in products as those of weights, a block of entries at a time; the softmax goes along with
/// them.
/// </summary>
internal static unsafe class DuoCausalAttentionSimdTiled
{
    private const int Queries = 64; // of a tile, about: enough to pay for transposing keys, few enough for the second-level cache
    private const int CacheLine = 64;

    public static void Run(CpuWorkers workers, Floats query, DuoCausalGrid grid, KvLayer cache, Floats mixed, DuoCausalAttentionShape shape)
    {
        if (Vector512.IsHardwareAccelerated) Run<Lanes512>(workers, query, grid, cache, mixed, shape);
        else if (Vector256.IsHardwareAccelerated) Run<Lanes256>(workers, query, grid, cache, mixed, shape);
        else Run<Lanes128>(workers, query, grid, cache, mixed, shape);
    }

    /// <summary>With vectors of one width, whether the processor has them or not.</summary>
    public static void Run<TLanes>(CpuWorkers workers, Floats query, DuoCausalGrid grid, KvLayer cache, Floats mixed, DuoCausalAttentionShape shape)
        where TLanes : struct, ILanes<TLanes>
    {
        float* q = Pointers.Of(query), target = Pointers.Of(mixed);
        if (cache.Shape.Type == ElementType.F32)
            Run<TLanes, float, SingleLanes>(workers, q, grid, Pointers.Of(cache.SingleKeys), Pointers.Of(cache.SingleValues), target, shape);
        else if (cache.Shape.Type == ElementType.F16)
            Run<TLanes, ushort, HalfLanes>(workers, q, grid, Pointers.Of(cache.HalfKeys), Pointers.Of(cache.HalfValues), target, shape);
        else
            Run<TLanes, ushort, Bfloat16Lanes>(workers, q, grid, Pointers.Of(cache.HalfKeys), Pointers.Of(cache.HalfValues), target, shape);
    }

    private static void Run<TLanes, TStored, TFormat>(
        CpuWorkers workers, float* query, DuoCausalGrid grid, TStored* keys, TStored* values, float* mixed, DuoCausalAttentionShape shape)
        where TLanes : struct, ILanes<TLanes> where TStored : unmanaged where TFormat : struct, ILaneFormat<TStored>
    {
        var tileRows = Math.Max(1, Queries / shape.HeadsPerKvHead);
        var job = new Job<TLanes, TStored, TFormat>
        {
            Query = query, Mixed = mixed, Keys = keys, Values = values, Grid = new HostGrid(grid), Shape = shape, TileRows = tileRows,
        };
        workers.For((shape.Rows + tileRows - 1) / tileRows * shape.KvHeads, grain: 1, job);
    }

    private struct Job<TLanes, TStored, TFormat> : ICpuJob
        where TLanes : struct, ILanes<TLanes> where TStored : unmanaged where TFormat : struct, ILaneFormat<TStored>
    {
        public float* Query, Mixed;
        public TStored* Keys, Values;
        public HostGrid Grid;
        public DuoCausalAttentionShape Shape;
        public int TileRows;

        [SkipLocalsInit]
        public readonly void Run(int start, int end)
        {
            var room = stackalloc float[AttentionTile<TLanes>.FloatsFor(TileRows, Shape) + (CacheLine / sizeof(float))];
            var memory = (float*)(((nint)room + CacheLine - 1) & -CacheLine); // so that no vector straddles two cache lines
            var tiles = (Shape.Rows + TileRows - 1) / TileRows;
            for (var unit = start; unit < end; unit++)
            {
                // Later tiles see more: they go first, so that no thread is left alone with a long one.
                var (fromEnd, kvHead) = Math.DivRem(unit, Shape.KvHeads);
                var row = (tiles - 1 - fromEnd) * TileRows;
                var endRow = Math.Min(row + TileRows, Shape.Rows);
                while (row < endRow)
                {
                    var next = row + 1;
                    while (next < endRow && Grid.Sequence(next) == Grid.Sequence(row)) next++;
                    Attend(new AttentionTile<TLanes>(memory, row, next - row, kvHead, Shape, Grid));
                    row = next;
                }
            }
        }

        private readonly void Attend(in AttentionTile<TLanes> tile)
        {
            tile.Start(Query);
            Span<int> memory = stackalloc int[AttentionTile<TLanes>.Entries];
            for (var depth = 0; depth < Shape.Depths; depth++)
            {
                var entries = tile.MostVisible(depth);
                for (var entry = 0; entry < entries; entry += AttentionTile<TLanes>.Entries)
                {
                    var cells = memory[..Math.Min(AttentionTile<TLanes>.Entries, entries - entry)];
                    tile.Locate(depth, entry, cells);
                    FillKeys(tile, cells);
                    tile.Score(depth, entry, cells.Length);
                    FillValues(tile, cells);
                    tile.Accumulate(depth, entry, cells.Length);
                }
            }
            tile.Finish(Mixed);
        }

        private readonly void FillKeys(in AttentionTile<TLanes> tile, ReadOnlySpan<int> cells)
        {
            var last = cells.Length - 1; // again in place of entries that there are not: their scores nobody reads
            for (var i = 0; i < cells.Length; i += 4)
            {
                Columns4.Fill<TStored, TFormat>(
                    Keys + tile.StartOf(cells[i]), Keys + tile.StartOf(cells[Math.Min(i + 1, last)]),
                    Keys + tile.StartOf(cells[Math.Min(i + 2, last)]), Keys + tile.StartOf(cells[Math.Min(i + 3, last)]),
                    Shape.HeadDim, tile.KeyColumn(i), TileProduct<TLanes>.Columns);
            }
        }

        private readonly void FillValues(in AttentionTile<TLanes> tile, ReadOnlySpan<int> cells)
        {
            for (var entry = 0; entry < cells.Length; entry++)
            {
                var source = Values + tile.StartOf(cells[entry]);
                var target = tile.ValueLine(entry);
                var i = 0;
                for (; i <= Shape.HeadDim - TLanes.Count; i += TLanes.Count) TLanes.Store(TFormat.Load<TLanes>(source + i), target + i);
                for (; i < Shape.HeadDim; i++) target[i] = TFormat.Widen(source[i]);
            }
        }
    }
}
