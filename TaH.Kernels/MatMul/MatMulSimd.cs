using System.Runtime.Intrinsics;

namespace TaH.Kernels;

/// <summary>The CPU: picks the widest vectors that the processor has, the element format, and the form that suits the number of rows.</summary>
internal static unsafe class MatMulSimd
{
    /// <summary>Up to here the memory that weights come from is the limit, and streaming is at it.</summary>
    public const int MostStreamedRows = 4;

    /// <summary>From here on transposing the weights costs less than taking sums across lanes.</summary>
    public const int FewestPanelRows = 128;

    public static void Run(CpuWorkers workers, Floats x, WeightMatrix weight, Floats bias, Floats y, MatMulTask task)
    {
        var product = new MatMulPointers(Pointers.Of(x), Pointers.Of(bias), Pointers.Of(y), task);
        if (Vector512.IsHardwareAccelerated) Run<Lanes512>(workers, weight, product);
        else if (Vector256.IsHardwareAccelerated) Run<Lanes256>(workers, weight, product);
        else Run<Lanes128>(workers, weight, product);
    }

    /// <summary>With vectors of one width, whether the processor has them or not.</summary>
    public static void Run<TLanes>(CpuWorkers workers, WeightMatrix weight, MatMulPointers product) where TLanes : struct, ILanes<TLanes>
    {
        if (weight.Type == ElementType.F32) Run<TLanes, float, SingleLanes>(workers, Pointers.Of(weight.Singles), product);
        else if (weight.Type == ElementType.F16) Run<TLanes, ushort, HalfLanes>(workers, Pointers.Of(weight.Halves), product);
        else Run<TLanes, ushort, Bfloat16Lanes>(workers, Pointers.Of(weight.Halves), product);
    }

    private static void Run<TLanes, TStored, TFormat>(CpuWorkers workers, TStored* weight, MatMulPointers product)
        where TLanes : struct, ILanes<TLanes> where TStored : unmanaged where TFormat : struct, ILaneFormat<TStored>
    {
        if (product.Task.Rows <= MostStreamedRows) MatMulSimdStreaming.Run<TLanes, TStored, TFormat>(workers, weight, product);
        else if (product.Task.Rows >= FewestPanelRows) MatMulSimdPanel.Run<TLanes, TStored, TFormat>(workers, weight, product);
        else MatMulSimdBlocked.Run<TLanes, TStored, TFormat>(workers, weight, product);
    }
}
