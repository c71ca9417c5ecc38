namespace TaH.Kernels;

/// <summary>What the flash kernel reads and writes.</summary>
/// <param name="QueryMap">Address of the map of the queries, [rows, heads * headDim] of bf16, boxes of 64 rows.</param>
/// <param name="KeyMap">Address of the map of the layer's keys, [cells, kvHeads * headDim], boxes of a page.</param>
/// <param name="ValueMap">The same of its values.</param>
/// <param name="Mixed">Address of the result, [rows, heads, headDim].</param>
/// <param name="IsBfloat16">1 if the result is bf16, 0 for f32.</param>
/// <param name="Tiles">[tiles] first row; the heaviest tile comes first.</param>
/// <param name="TileRows">[tiles] count of rows.</param>
/// <param name="Grid">What rows see and where that lies.</param>
/// <param name="Heads">Query heads.</param>
/// <param name="HeadsPerKvHead">Query heads that share keys and values; even.</param>
/// <param name="PageSize">Entries of a page: 8, 16, 32, 64 or 128.</param>
/// <param name="Depths">Depths of the grid.</param>
/// <param name="MaxPages">Pages of the longest list.</param>
/// <param name="ScoreScale">What q * k is multiplied by to be a score in units of log 2.</param>
internal readonly record struct FlashTask(
    ulong QueryMap, ulong KeyMap, ulong ValueMap, ulong Mixed, int IsBfloat16, Ints Tiles, Ints TileRows, DuoCausalGrid Grid, int Heads,
    int HeadsPerKvHead, int PageSize, int Depths, int MaxPages, float ScoreScale);
