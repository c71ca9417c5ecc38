namespace TaH.Cli;

/// <summary>A curve of one line of text.</summary>
internal static class Sparkline
{
    private const string Heights = "▁▂▃▄▅▆▇█";

    /// <summary>The curve of some values: the lowest stands on the floor, the highest at the ceiling.</summary>
    /// <param name="values">In order; where there are more than cells, each cell is the mean of those that fall into it.</param>
    /// <param name="width">Cells.</param>
    /// <returns>At most <paramref name="width"/> characters; a blank where values are not finite.</returns>
    public static string Of(IReadOnlyList<double> values, int width)
    {
        var cells = Math.Min(width, values.Count);
        int Begin(int cell) => (int)((long)cell * values.Count / cells);
        double[] means = [.. Enumerable.Range(0, cells).Select(cell => Mean(values, Begin(cell), Begin(cell + 1)))];
        double[] finite = [.. means.Where(double.IsFinite)];
        if (finite.Length == 0) return new string(' ', cells);
        var (least, most) = (finite.Min(), finite.Max());
        return string.Concat(means.Select(mean => double.IsFinite(mean) ? Heights[Height(mean, least, most)] : ' '));
    }

    private static int Height(double value, double least, double most) =>
        most > least ? (int)Math.Round((value - least) / (most - least) * (Heights.Length - 1)) : 0;

    private static double Mean(IReadOnlyList<double> values, int from, int to)
    {
        var sum = 0.0;
        for (var i = from; i < to; i++) sum += values[i];
        return sum / (to - from);
    }
}
