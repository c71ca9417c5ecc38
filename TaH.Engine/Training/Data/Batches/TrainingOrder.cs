namespace TaH.Engine;

/// <summary>Where in the data a run stands.</summary>
/// <param name="Epoch">Times that all rows were seen.</param>
/// <param name="Index">Rows of this epoch that were taken.</param>
internal sealed record OrderPosition(int Epoch, int Index);

/// <summary>
/// The order in which rows are trained on: in every epoch each once, shuffled anew. It depends on the seed and the epoch alone, so that a run that
/// goes on from a saved position sees what it would have seen.
/// </summary>
/// <param name="count">Rows.</param>
/// <param name="seed">What the order depends on.</param>
/// <param name="shuffles">If not, rows keep their order.</param>
internal sealed class TrainingOrder(int count, long seed, bool shuffles = true)
{
    private int[] _rows = [];
    private int _epoch = -1;

    /// <summary>Rows of an epoch.</summary>
    public int Count { get; } = count > 0 ? count : throw new UsageException("there are no rows to train on");

    /// <summary>The next row's place; set to go on from there.</summary>
    public OrderPosition Position
    {
        get;
        set => field = value is { Epoch: >= 0, Index: >= 0 } && value.Index <= Count
            ? Normal(value.Epoch, value.Index)
            : throw new UsageException($"there is no row {value.Index:N0} of epoch {value.Epoch:N0} in data of {Count:N0} rows; is it other data?");
    } = new(0, 0);

    /// <summary>Takes the next rows, and no more than are left of the epoch.</summary>
    /// <param name="most">How many.</param>
    /// <returns>Their numbers.</returns>
    public int[] Take(int most) => TakeWhile((_, taken) => taken < most);

    /// <summary>Takes rows of the epoch as long as they are wanted; the first one always.</summary>
    /// <param name="wants">Whether a row, of which so many are taken already, is wanted, too.</param>
    public int[] TakeWhile(Func<int, int, bool> wants)
    {
        var (rows, start, end) = (RowsOf(Position.Epoch), Position.Index, Position.Index);
        do end++;
        while (end < Count && wants(rows[end], end - start));
        Position = Normal(Position.Epoch, end);
        return rows[start..end];
    }

    /// <summary>The rows that were taken since a position; they end with its epoch.</summary>
    public int[] RowsSince(OrderPosition start) =>
        RowsOf(start.Epoch)[start.Index..(Position.Epoch == start.Epoch ? Position.Index : Count)];

    /// <summary>All rows in the order of an epoch.</summary>
    public int[] RowsOf(int epoch)
    {
        if (epoch == _epoch) return _rows;
        _rows = [.. Enumerable.Range(0, Count)];
        if (shuffles) new Xoshiro256(seed, epoch).Shuffle<int>(_rows);
        _epoch = epoch;
        return _rows;
    }

    private OrderPosition Normal(int epoch, int index) => index < Count ? new OrderPosition(epoch, index) : new OrderPosition(epoch + 1, 0);
}
