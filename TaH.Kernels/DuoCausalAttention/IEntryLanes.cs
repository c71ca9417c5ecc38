using ILGPU;

namespace TaH.Kernels;

/// <summary>
/// How many threads of a warp share an entry, each with eight elements of the head. A warp that reads one entry per such team has a slot for each.
/// </summary>
internal interface IEntryLanes
{
    /// <summary>Threads that share an entry: headDim / 8.</summary>
    int Count { get; }
}

/// <summary>headDim 32.</summary>
internal readonly struct FourLanes : IEntryLanes
{
    public int Count => 4;
}

/// <summary>headDim 64.</summary>
internal readonly struct EightLanes : IEntryLanes
{
    public int Count => 8;
}

/// <summary>headDim 128.</summary>
internal readonly struct SixteenLanes : IEntryLanes
{
    public int Count => 16;
}

/// <summary>Sums over some of a warp's threads. All of them call, every one gets the result of its team.</summary>
internal static class LaneTeam
{
    /// <summary>The sum over neighbouring threads.</summary>
    /// <param name="value">Each thread's.</param>
    /// <param name="size">Threads of a team: a constant power of two, from 2 on, so that nothing of the comparisons is left.</param>
    public static float Sum(float value, int size)
    {
        if (size > 16) value += Warp.ShuffleXor(value, 16);
        if (size > 8) value += Warp.ShuffleXor(value, 8);
        if (size > 4) value += Warp.ShuffleXor(value, 4);
        if (size > 2) value += Warp.ShuffleXor(value, 2);
        return value + Warp.ShuffleXor(value, 1);
    }

    /// <summary>Each thread's partner's four values.</summary>
    public static Quad Exchange(Quad values, int distance) => new(
        Warp.ShuffleXor(values.A, distance), Warp.ShuffleXor(values.B, distance),
        Warp.ShuffleXor(values.C, distance), Warp.ShuffleXor(values.D, distance));
}
