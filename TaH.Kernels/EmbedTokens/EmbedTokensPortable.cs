using ILGPU;

namespace TaH.Kernels;

/// <summary>Every accelerator: four elements of a row on their way to a thread at a time.</summary>
internal static class EmbedTokensPortable
{
    public static void Kernel<TStored, TFormat>(ArrayView<TStored> embedding, Ints tokens, Floats y, RowSpread spread)
        where TStored : unmanaged
        where TFormat : struct, IElementFormat<TStored>
    {
        var place = spread.Place;
        if (place.Row >= spread.Rows) return;
        var source = (long)tokens[place.Row] * spread.Width; // embedding[token, 0]
        var target = (long)place.Row * spread.Width;         // y[row, 0]
        var (i, step) = (place.First, spread.Lanes);
        for (; i + (3 * step) < place.End; i += 4 * step)
        {
            var (a, b) = (embedding[source + i], embedding[source + i + step]);
            var (c, d) = (embedding[source + i + (2 * step)], embedding[source + i + (3 * step)]);
            y[target + i] = default(TFormat).Widen(a);
            y[target + i + step] = default(TFormat).Widen(b);
            y[target + i + (2 * step)] = default(TFormat).Widen(c);
            y[target + i + (3 * step)] = default(TFormat).Widen(d);
        }
        for (; i < place.End; i += step) y[target + i] = default(TFormat).Widen(embedding[source + i]);
    }
}
