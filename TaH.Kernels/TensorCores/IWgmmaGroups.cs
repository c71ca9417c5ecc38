using ILGPU;

namespace TaH.Kernels;

/// <summary>How groups make a tile: each its own, or two the same one.</summary>
internal interface IWgmmaGroups
{
    /// <summary>Groups that make a tile: parts that the elements of every sum are shared out into.</summary>
    int Parts { get; }

    /// <summary>Which of them this is.</summary>
    int Rank { get; }

    /// <summary>Bytes of shared memory that they need for themselves.</summary>
    int SharedBytes { get; }

    /// <summary>Stages of the ring whose place that memory takes.</summary>
    int StagesTaken { get; }

    /// <summary>Once at the beginning, by all threads: afterwards barriers are there for all.</summary>
    /// <param name="own">Its own shared memory, at a multiple of 16.</param>
    void Begin(uint own);

    /// <summary>Brings the sums of a tile to where they belong.</summary>
    /// <param name="task">The launch.</param>
    /// <param name="place">Where in y.</param>
    /// <param name="scratch">Shared memory of the store.</param>
    /// <param name="own">Its own shared memory.</param>
    void Store<TTile, TStore>(TensorProductTask task, WgmmaPlace place, uint scratch, uint own)
        where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore;
}

/// <summary>Every group for itself.</summary>
internal readonly struct WgmmaAlone : IWgmmaGroups
{
    public int Parts => 1;

    public int Rank => 0;

    public int SharedBytes => 0;

    public int StagesTaken => 0;

    public void Begin(uint own) => Group.Barrier();

    public void Store<TTile, TStore>(TensorProductTask task, WgmmaPlace place, uint scratch, uint own)
        where TTile : struct, IWgmmaTile where TStore : struct, IWgmmaStore => default(TStore).Store<TTile>(task, place, scratch);
}

/// <summary>Which elements of every sum a group sums up.</summary>
internal static class WgmmaParts
{
    /// <summary>The first.</summary>
    public static int From<TGroups>(int inner) where TGroups : struct, IWgmmaGroups =>
        default(TGroups).Parts == 1 || default(TGroups).Rank == 0 ? 0 : Half(inner);

    /// <summary>One past the last, none if it is not beyond the first.</summary>
    public static int To<TGroups>(int inner) where TGroups : struct, IWgmmaGroups =>
        default(TGroups).Parts == 1 || default(TGroups).Rank == 1 ? inner : IntrinsicMath.Min(Half(inner), inner);

    /// <summary>Half of the slices, the first of two groups with one more.</summary>
    private static int Half(int inner) => ((inner / 2) + WgmmaProduct.Slice - 1) / WgmmaProduct.Slice * WgmmaProduct.Slice;
}
