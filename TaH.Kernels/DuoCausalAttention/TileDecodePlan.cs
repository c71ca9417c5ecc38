namespace TaH.Kernels;

/// <summary>
/// Which passes <see cref="TileDecodeKernel"/> takes: those whose rows alone keep the card busy, since one group goes over all that a row sees. On an
/// H200 with the heads of Qwen3-1.7B it took 32.8 us for 64 rows of 512 entries, where <see cref="SplitDecodeKernel"/> took 39.5, and 28.9 for 128 of
/// 200, not 39.7. Decoding one row, with it the whole model made 745 tokens a second, not 792.
/// </summary>
internal static class TileDecodePlan
{
    /// <summary>Whether every multiprocessor gets a group.</summary>
    /// <param name="units">Rows times key heads times blocks of their query heads: the groups.</param>
    /// <param name="multiprocessors">Of the device.</param>
    public static bool KeepsBusy(int units, int multiprocessors) => units >= multiprocessors;
}
