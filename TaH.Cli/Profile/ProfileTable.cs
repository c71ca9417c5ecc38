using Spectre.Console.Rendering;

namespace TaH.Cli;

/// <summary>A phase's kernels as a table: grouped by operation, the longest first, gaps and the sum at the end.</summary>
internal sealed class ProfileTable(ModelProfile profile, ProfilePhase phase, OperationColors colors, int width)
{
    private const int WideEnough = 132; // for bars and sizes
    private const int ShareCells = 10;
    private const int CeilingCells = 5;
    private static readonly Style Strong = new(decoration: Decoration.Bold);

    private readonly bool _isWide = width >= WideEnough;

    /// <summary>The table.</summary>
    public Table Build()
    {
        var table = new Table().Border(TableBorder.SimpleHeavy).AddColumn("kernel").AddColumn("for");
        if (_isWide) table.AddColumn("sizes");
        foreach (var title in (string[])["calls", "each", "total"]) table.AddColumn(new TableColumn(title).RightAligned());
        table.AddColumn(new TableColumn("share") { Alignment = _isWide ? Justify.Left : Justify.Right });
        table.AddColumn(new TableColumn("bytes").RightAligned()).AddColumn(new TableColumn("rate").RightAligned()).AddColumn("of ceiling");
        foreach (var operation in phase.Kernels.GroupBy(kernel => kernel.Operation).OrderByDescending(group => group.Sum(kernel => kernel.Seconds)))
            AddOperation(table, operation.Key, [.. operation]);
        AddRest(table, "gaps between kernels", phase.GapsInside);
        AddRest(table, "gaps between passes", phase.GapsBetween);
        var sum = Sum([.. phase.Kernels]);
        table.AddEmptyRow();
        table.AddRow(Cells("sum", "", "", $"{phase.Launches:N0}", "", phase.Span, sum, Strong));
        return table;
    }

    private void AddOperation(Table table, string name, IReadOnlyList<KernelTotal> kernels)
    {
        var style = new Style(colors.Of(name), decoration: Decoration.Bold);
        if (kernels is [var only])
        {
            table.AddRow(Cells($"{name} {only.Variant}", only.Stage, only.Sizes, Count(only.Calls), Each(only), only.Seconds, only, style));
            return;
        }
        var sum = Sum(kernels);
        table.AddRow(Cells(name, "", "", Count(sum.Calls), "", sum.Seconds, sum, style));
        foreach (var kernel in kernels)
            table.AddRow(Cells($"  {kernel.Variant}", kernel.Stage, kernel.Sizes, Count(kernel.Calls), Each(kernel), kernel.Seconds, kernel, Style.Plain));
    }

    private void AddRest(Table table, string name, double seconds) =>
        table.AddRow(Cells(name, "", "", "", "", seconds, kernel: null, Terminal.Faint));

    private IEnumerable<IRenderable> Cells(
        string name, string stage, string sizes, string calls, string each, double seconds, KernelTotal? kernel, Style style)
    {
        yield return new Text(name, style);
        yield return new Text(stage);
        if (_isWide) yield return new Text(sizes, Terminal.Faint);
        yield return new Text(calls);
        yield return new Text(each);
        yield return new Text(Measures.Time(seconds));
        var share = seconds / phase.Span;
        var percent = Measures.Percent(share);
        yield return _isWide ? new Columns(new Text(Bar.Of(share, ShareCells), style), new Text(percent.PadLeft(7))).Collapse() : new Text(percent);
        yield return new Text(kernel is null ? "" : Volume(kernel.Bytes));
        yield return new Text(kernel is null ? "" : Rate(kernel));
        yield return kernel is null ? Text.Empty : Ceiling(kernel);
    }

    private string Rate(KernelTotal kernel) =>
        kernel.IsMatrixBound(profile.Ceilings) ? Measures.Flops(kernel.FlopsPerSecond) : Measures.Bytes(kernel.BytesPerSecond);

    private IRenderable Ceiling(KernelTotal kernel)
    {
        var share = kernel.ShareOf(profile.Ceilings);
        var color = share switch { >= 0.7 => Color.Green, >= 0.35 => Color.Yellow, _ => Color.Red };
        var percent = new Text(Measures.Percent(share).PadLeft(7));
        return _isWide ? new Columns(new Text(Bar.Of(share, CeilingCells), new Style(color)), percent).Collapse() : percent;
    }

    private static string Volume(long bytes) => bytes == 0 ? "" : Size.Of(bytes);

    private static string Count(int calls) => FormattableString.Invariant($"{calls:N0}");

    private static string Each(KernelTotal kernel) => Measures.Time(kernel.Seconds / kernel.Calls);

    private static KernelTotal Sum(IReadOnlyList<KernelTotal> kernels) => new(
        "", "", "", "", kernels.Sum(kernel => kernel.Calls), kernels.Sum(kernel => kernel.Seconds), 0, 0, kernels.Sum(kernel => kernel.Bytes),
        kernels.Sum(kernel => kernel.Flops));
}
