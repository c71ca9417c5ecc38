using System.Runtime.InteropServices;

namespace TaH.Kernels;

/// <summary>Finds out whether the rows of a pass are independent; see <see cref="RowTable.Independent"/>.</summary>
/// <param name="depths">Depths of the grid.</param>
internal sealed class RowIndependence(int depths)
{
    private readonly Dictionary<int, int> _lastOfSequence = [];
    private readonly int[] _rowBefore = new int[RowTable.MaxIndependent]; // of the same sequence; -1 for none

    /// <summary>Whether each row sees its own entry at its depth, and none sees another's.</summary>
    /// <param name="rows">The pass.</param>
    /// <param name="visible">[rows, depths].</param>
    public bool Holds(ReadOnlySpan<Row> rows, ReadOnlySpan<int> visible)
    {
        if (rows.Length > RowTable.MaxIndependent) return false;
        _lastOfSequence.Clear();
        for (var i = 0; i < rows.Length; i++)
        {
            if (visible[(i * depths) + rows[i].Depth] == 0) return false;
            ref var last = ref CollectionsMarshal.GetValueRefOrAddDefault(_lastOfSequence, rows[i].Sequence, out var exists);
            _rowBefore[i] = exists ? last : -1;
            for (var other = _rowBefore[i]; other >= 0; other = _rowBefore[other])
                if (Sees(i, other, rows, visible) || Sees(other, i, rows, visible)) return false;
            last = i;
        }
        return true;
    }

    /// <summary>Entries of a list are in order, so a row sees another's if it sees as many of that depth as the other itself.</summary>
    private bool Sees(int row, int other, ReadOnlySpan<Row> rows, ReadOnlySpan<int> visible) =>
        visible[(row * depths) + rows[other].Depth] >= visible[(other * depths) + rows[other].Depth];
}
