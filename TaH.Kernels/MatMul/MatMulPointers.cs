using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace TaH.Kernels;

/// <summary>The operands of a product other than the weight, as addresses.</summary>
/// <param name="x">[rows, inner].</param>
/// <param name="bias">[outer]; read only if the task has one.</param>
/// <param name="y">[rows, outer].</param>
/// <param name="task">Sizes and flags.</param>
internal readonly unsafe struct MatMulPointers(float* x, float* bias, float* y, MatMulTask task)
{
    public readonly float* X = x;
    public readonly float* Bias = bias;
    public readonly float* Y = y;
    public readonly MatMulTask Task = task;

    /// <summary>Writes one element of y.</summary>
    /// <param name="row">Row of y.</param>
    /// <param name="output">Column of y.</param>
    /// <param name="sum">The sum before alpha, or a slice of it.</param>
    /// <param name="first">Whether this is the first slice, which meets bias and accumulation; later ones are added to it.</param>
    public void Store(int row, int output, float sum, bool first = true)
    {
        var target = Y + ((long)row * Task.Outer) + output;
        var value = Task.Alpha * sum;
        if (first && Task.AddBias != 0) value += Bias[output];
        if (!first || Task.Accumulate != 0) value += *target;
        *target = value;
    }

    /// <summary>Writes neighbouring elements of y, as many as the vector has lanes, as the other does one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store<TLanes>(int row, int output, TLanes sums, bool first) where TLanes : struct, ILanes<TLanes>
    {
        var target = Y + ((long)row * Task.Outer) + output;
        TLanes alpha = TLanes.Create(Task.Alpha), values = TLanes.Zero;
        if (first && Task.AddBias != 0) values = TLanes.Load(Bias + output);
        if (!first || Task.Accumulate != 0) values = TLanes.Add(values, TLanes.Load(target));
        TLanes.Store(TLanes.MultiplyAdd(alpha, sums, values), target);
    }
    /// <summary>Writes four neighbouring elements of y, as the other does one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Store(int row, int output, Vector128<float> sums, bool first)
    {
        var target = Y + ((long)row * Task.Outer) + output;
        var values = Task.Alpha * sums;
        if (first && Task.AddBias != 0) values += Vector128.Load(Bias + output);
        if (!first || Task.Accumulate != 0) values += Vector128.Load(target);
        values.Store(target);
    }
}
