using ILGPU;

namespace TaH.Kernels;

/// <summary>Every accelerator: one group a row.</summary>
internal static class GatherRowsPortable
{
    public static void Kernel(Floats x, Ints headRows, Floats gathered, int hidden)
    {
        var source = (long)headRows[Grid.IdxX] * hidden; // x[row, 0]
        var target = (long)Grid.IdxX * hidden;           // gathered[head, 0]
        for (var i = Group.IdxX; i < hidden; i += Group.DimX) gathered[target + i] = x[source + i];
    }
}
