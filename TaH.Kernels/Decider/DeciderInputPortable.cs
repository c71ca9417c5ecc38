using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Every accelerator: one thread an element; for the softmax one group a row.</summary>
internal static class DeciderInputPortable
{
    public static void Place(Floats source, Ints rowOf, Floats target, DeciderRows rows)
    {
        var i = Elements.Index;
        if (i >= (long)rows.Rows * rows.Width) return;
        int row = (int)(i / rows.Width), column = (int)(i % rows.Width);
        var from = rows.Gathered != 0 ? rowOf[row] : row;
        target[((long)row * rows.Stride) + rows.Offset + column] = source[((long)from * rows.Width) + column];
    }

    public static void PlaceTopValues(Floats topValues, Ints rowOf, Ints slotOf, Floats target, DeciderTopValues top)
    {
        var from = (long)slotOf[rowOf[Grid.IdxX]] * top.KeptTopK;
        var to = (long)Grid.IdxX * top.TopK;
        if (top.Softmax == 0)
        {
            for (var i = Group.IdxX; i < top.TopK; i += Group.DimX) target[to + i] = topValues[from + i];
            return;
        }
        var largest = topValues[from]; // they are sorted
        var sum = 0f;
        for (var i = Group.IdxX; i < top.TopK; i += Group.DimX) sum += XMath.Exp(topValues[from + i] - largest);
        sum = GroupReduce.Sum(sum);
        for (var i = Group.IdxX; i < top.TopK; i += Group.DimX) target[to + i] = XMath.Exp(topValues[from + i] - largest) / sum;
    }
}
