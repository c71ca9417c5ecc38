namespace TaH.Kernels;

/// <summary>Every accelerator: some threads take a piece of a token; each has four columns at a time, whose rows it adds up in order.</summary>
internal static class EmbedTokensBackwardPortable
{
    /// <summary>Adds a token's rows to its row of the gradient, or leaves the sum of a piece of them.</summary>
    public static void AddPieces(Floats dy, Ints rows, Ints pieceStarts, Ints pieceTargets, Floats sums, Floats dEmbedding, RowSpread spread)
    {
        var place = spread.Place; // a row is a piece here
        if (place.Row >= spread.Rows) return;
        int first = pieceStarts[place.Row], end = pieceStarts[place.Row + 1], to = pieceTargets[place.Row];
        var target = (long)(to < 0 ? -1 - to : to) * spread.Width;
        for (var i = place.First; i < spread.Width; i += 4 * spread.Lanes)
        {
            var columns = new FourColumns(i, spread.Lanes, spread.Width);
            var sum = new Quad(0f, 0f, 0f, 0f);
            for (var at = first; at < end; at++) sum = sum.Plus(columns.Load(dy, (long)rows[at] * spread.Width));
            if (to < 0) columns.Store(sums, target, sum);
            else columns.Store(dEmbedding, target, columns.Load(dEmbedding, target).Plus(sum));
        }
    }

    /// <summary>Adds up the pieces of tokens that have several.</summary>
    public static void AddSplits(Floats sums, Ints splitTokens, Ints splitStarts, Floats dEmbedding, RowSpread spread)
    {
        var place = spread.Place; // a row is a token here
        if (place.Row >= spread.Rows) return;
        int first = splitStarts[place.Row], end = splitStarts[place.Row + 1];
        var target = (long)splitTokens[place.Row] * spread.Width;
        for (var i = place.First; i < spread.Width; i += 4 * spread.Lanes)
        {
            var columns = new FourColumns(i, spread.Lanes, spread.Width);
            var sum = new Quad(0f, 0f, 0f, 0f);
            for (var at = first; at < end; at++) sum = sum.Plus(columns.Load(sums, (long)at * spread.Width));
            columns.Store(dEmbedding, target, columns.Load(dEmbedding, target).Plus(sum));
        }
    }
}
