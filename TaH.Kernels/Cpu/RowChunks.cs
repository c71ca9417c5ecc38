namespace TaH.Kernels;

/// <summary>
/// Rows cut into chunks by their number alone: a sum over rows that is taken chunk by chunk has the same bits however many threads share the work.
/// </summary>
/// <param name="rows">All rows.</param>
internal readonly struct RowChunks(int rows)
{
    private const int LeastRows = 16;
    private const int MostChunks = 64;

    private readonly int _rowsOfChunk = Math.Max(LeastRows, (rows + MostChunks - 1) / MostChunks);

    /// <summary>How many there are.</summary>
    public int Count => (rows + _rowsOfChunk - 1) / _rowsOfChunk;

    /// <summary>The first row of a chunk.</summary>
    public int Start(int chunk) => chunk * _rowsOfChunk;

    /// <summary>The row behind a chunk's last.</summary>
    public int End(int chunk) => Math.Min(rows, (chunk + 1) * _rowsOfChunk);
}
