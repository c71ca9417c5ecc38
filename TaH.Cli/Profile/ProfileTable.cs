using Spectre.Console.Rendering;

namespace TaH.Cli;

/// <summary>A phase's kernels as a table: grouped by operation, the longest first, gaps and the sum at the end.</summary>
/// <param name="profile">The profile.</param>
/// <param name="phase">The phase.</param>
/// <param name="colors">The operations' colours.</param>
/// <param name="width">Cells that the table may take; the less important columns are left out where they are too few.</param>
/// <param name="all">Whether operations of next to no time have rows of their own.</param>
internal sealed class ProfileTable(ModelProfile profile, ProfilePhase phase, KernelColors colors, int width, bool all)
{
    private const double Small = 0.005; // of the time
    private const int ShareCells = 10;
    private const int CeilingCells = 5;
    private static readonly Style Strong = new(decoration: Decoration.Bold);

    private readonly TableLayout _layout = TableLayout.For(width, phase.Kernels.Max(kernel => NameOf(kernel).Length));

    /// <summary>The table.</summary>
    public Table Build()
    {
        var table = new Table().Border(TableBorder.SimpleHeavy);
        foreach (var title in (string[])["kernel", "for", "sizes", "calls", "each", "total", "share", "bytes", "FLOP", "rate", "of ceiling"])
        {
            if (_layout.Shows(title)) table.AddColumn(new TableColumn(title) { Alignment = _layout.AlignmentOf(title), NoWrap = true });
        }
        var operations = phase.Kernels.GroupBy(kernel => kernel.Operation).Select(Sum).OrderByDescending(sum => sum.Seconds).ToList();
        var small = all ? [] : operations.Where(sum => sum.Seconds < Small * phase.Span).ToList();
        foreach (var operation in operations.Except(small))
            AddOperation(table, operation, [.. phase.Kernels.Where(kernel => kernel.Operation == operation.Operation)]);
        if (small.Count > 0) AddRow(table, $"{small.Count} smaller ones", Sum(small), Terminal.Faint);
        AddGap(table, "gaps between kernels", phase.GapsInside);
        AddGap(table, "gaps between passes", phase.GapsBetween);
        table.AddEmptyRow();
        AddRow(table, "sum", Sum(phase.Kernels), Strong, phase.Span);
        return table;
    }

    private void AddOperation(Table table, KernelTotal sum, IReadOnlyList<KernelTotal> kernels)
    {
        var style = new Style(colors.Of(sum.Operation), decoration: Decoration.Bold);
        if (kernels is [var only])
        {
            AddRow(table, NameOf(only), only, style);
            return;
        }
        AddRow(table, sum.Operation, sum, style);
        var small = all ? [] : kernels.Where(kernel => kernel.Seconds < Small * phase.Span).ToList();
        if (small.Count == 1) small.Clear();
        foreach (var kernel in kernels.Except(small)) AddRow(table, $"  {kernel.Variant}", kernel, Style.Plain, bar: colors.Of(sum.Operation));
        if (small.Count > 0) AddRow(table, $"  {small.Count} smaller ones", Sum(small), Terminal.Faint);
    }

    private void AddGap(Table table, string name, double seconds) =>
        AddRow(table, name, new KernelTotal("", "", "", "", 0, seconds, 0, 0, 0, 0), Terminal.Faint);

    private void AddRow(Table table, string name, KernelTotal kernel, Style style, double? seconds = null, Color? bar = null)
    {
        var time = seconds ?? kernel.Seconds;
        var (isGap, isSum) = (kernel.Calls == 0, kernel.Variant.Length == 0);
        (string Title, Func<IRenderable> Cell)[] cells =
        [
            ("kernel", () => new Text(name, style)),
            ("for", () => new Text(kernel.Stage)),
            ("sizes", () => new Text(kernel.Sizes, Terminal.Faint)),
            ("calls", () => new Text(isGap ? "" : FormattableString.Invariant($"{kernel.Calls:N0}"))),
            ("each", () => new Text(isSum ? "" : Measures.Time(kernel.Seconds / kernel.Calls))),
            ("total", () => new Text(Measures.Time(time))),
            ("share", () => Gauge(time / phase.Span, ShareCells, bar is { } color ? new Style(color) : style, _layout.HasBars)),
            ("bytes", () => new Text(kernel.Bytes == 0 ? "" : Size.Of(kernel.Bytes))),
            ("FLOP", () => new Text(kernel.Flops == 0 ? "" : Measures.Count(kernel.Flops))),
            ("rate", () => new Text(isGap ? "" : Rate(kernel))),
            ("of ceiling", () => isGap ? Text.Empty : Ceiling(kernel)),
        ];
        table.AddRow(cells.Where(cell => _layout.Shows(cell.Title)).Select(cell => cell.Cell()));
    }

    private string Rate(KernelTotal kernel) =>
        kernel.IsMatrixBound(profile.Ceilings) ? Measures.Flops(kernel.FlopsPerSecond) : Measures.Bytes(kernel.BytesPerSecond);

    private IRenderable Ceiling(KernelTotal kernel)
    {
        var share = kernel.ShareOf(profile.Ceilings);
        var color = share switch { >= 0.7 => Color.Green, >= 0.35 => Color.Yellow, _ => Color.Red };
        return Gauge(share, CeilingCells, new Style(color), _layout.HasBars);
    }

    private static IRenderable Gauge(double share, int cells, Style style, bool hasBar)
    {
        var percent = Measures.Percent(share).PadLeft(7);
        return hasBar ? new Paragraph().Append(Bar.Of(share, cells), style).Append(" " + percent) : new Text(percent);
    }

    private static string NameOf(KernelTotal kernel) => $"{kernel.Operation} {kernel.Variant}";

    private static KernelTotal Sum(IGrouping<string, KernelTotal> operation) => Sum([.. operation]) with { Operation = operation.Key };

    private static KernelTotal Sum(IReadOnlyList<KernelTotal> kernels) => new(
        "", "", "", "", kernels.Sum(kernel => kernel.Calls), kernels.Sum(kernel => kernel.Seconds), 0, 0, kernels.Sum(kernel => kernel.Bytes),
        kernels.Sum(kernel => kernel.Flops));
}
