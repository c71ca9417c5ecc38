namespace TaH.Tests;

/// <summary>Reads what the grid holds, entry by entry, through the page lists.</summary>
internal static class GridReader
{
    /// <summary>The keys and values of a layer at a depth, each [entries, kvHeads, headDim]; f32 pools only.</summary>
    public static (float[] Keys, float[] Values) Entries(ComputeDevice device, KvPool pool, GridSequence sequence, int layer, int depth)
    {
        var (shape, cache) = (pool.Shape, pool.Layer(layer));
        var entries = sequence.PositionsAt(depth).Count;
        var (keys, values) = (new float[entries * shape.EntryLength], new float[entries * shape.EntryLength]);
        for (var entry = 0; entry < entries; entry++)
        {
            var cell = (sequence.PagesAt(depth)[entry / shape.PageSize] * shape.PageSize) + (entry % shape.PageSize);
            var start = (long)cell * shape.EntryLength;
            device.Download(cache.SingleKeys.SubView(start, shape.EntryLength), keys.AsSpan(entry * shape.EntryLength, shape.EntryLength));
            device.Download(cache.SingleValues.SubView(start, shape.EntryLength), values.AsSpan(entry * shape.EntryLength, shape.EntryLength));
        }
        return (keys, values);
    }
}
