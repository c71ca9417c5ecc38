namespace TaH.Kernels;

/// <summary>Every accelerator: four elements of a row on their way to a thread at a time.</summary>
internal static class SelectRowsPortable
{
    public static void Gather(Floats x, Ints indices, Floats y, RowSpread spread)
    {
        var place = spread.Place;
        if (place.Row < spread.Rows) Copy(x, RowOf(indices, place, spread), y, (long)place.Row * spread.Width, place, spread.Lanes);
    }

    public static void Scatter(Floats x, Ints indices, Floats y, RowSpread spread)
    {
        var place = spread.Place;
        if (place.Row < spread.Rows) Copy(x, (long)place.Row * spread.Width, y, RowOf(indices, place, spread), place, spread.Lanes);
    }

    public static void GatherAdd(Floats x, Ints indices, Floats addend, Floats y, RowSpread spread)
    {
        var place = spread.Place;
        if (place.Row >= spread.Rows) return;
        var own = (long)place.Row * spread.Width;
        Add(x, RowOf(indices, place, spread), addend, own, y, own, place, spread.Lanes);
    }

    public static void ScatterAdd(Floats x, Ints indices, Floats y, RowSpread spread)
    {
        var place = spread.Place;
        if (place.Row >= spread.Rows) return;
        var target = RowOf(indices, place, spread);
        Add(x, (long)place.Row * spread.Width, y, target, y, target, place, spread.Lanes);
    }

    private static long RowOf(Ints indices, RowPlace place, RowSpread spread) => (long)indices[place.Row] * spread.Width;

    private static void Copy(Floats from, long source, Floats to, long target, RowPlace place, int step)
    {
        var i = place.First;
        for (; i + (3 * step) < place.End; i += 4 * step) Store(to, target + i, Load(from, source + i, step), step);
        for (; i < place.End; i += step) to[target + i] = from[source + i];
    }

    private static void Add(Floats left, long leftStart, Floats right, long rightStart, Floats to, long target, RowPlace place, int step)
    {
        var i = place.First;
        for (; i + (3 * step) < place.End; i += 4 * step)
            Store(to, target + i, Load(left, leftStart + i, step).Plus(Load(right, rightStart + i, step)), step);
        for (; i < place.End; i += step) to[target + i] = left[leftStart + i] + right[rightStart + i];
    }

    private static Quad Load(Floats x, long at, int step) => new(x[at], x[at + step], x[at + (2 * step)], x[at + (3 * step)]);

    private static void Store(Floats y, long at, Quad values, int step)
    {
        y[at] = values.A;
        y[at + step] = values.B;
        y[at + (2 * step)] = values.C;
        y[at + (3 * step)] = values.D;
    }
}
