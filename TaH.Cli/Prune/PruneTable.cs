namespace TaH.Cli;

/// <summary>The loss without each layer, a column for each layer that went.</summary>
internal static class PruneTable
{
    /// <summary>The table.</summary>
    public static Table Of(PruneResult result)
    {
        var table = new Table().SimpleBorder().AddColumn(new TableColumn("layer").RightAligned());
        foreach (var round in result.Rounds) table.AddColumn(new TableColumn($"loss without it{Behind(result, round)}").RightAligned());
        for (var layer = 0; layer < result.Layers; layer++)
        {
            var number = layer;
            table.AddRow([new Text($"{number}"), .. result.Rounds.Select(round => Cell(result, round, number))]);
        }
        return table.Caption(new TableTitle(FormattableString.Invariant($"the whole model's loss: {result.Loss:F4}"), Terminal.Faint));
    }

    private static string Behind(PruneResult result, PruneRound round)
    {
        var gone = result.Rounds.TakeWhile(other => other != round).SelectMany(other => other.Removed).ToList();
        return gone.Count == 0 ? string.Empty : $" and {string.Join(", ", gone)}";
    }

    private static Text Cell(PruneResult result, PruneRound round, int layer)
    {
        if (round.Losses.FirstOrDefault(judged => judged.Layer == layer) is not { } judged) return new Text("gone", Terminal.Faint);
        var number = FormattableString.Invariant($"{judged.Loss:F4}  {judged.Loss - result.Loss:+0.0000;-0.0000}");
        return round.Removed.Contains(layer) ? new Text($"{number}  goes", new Style(Color.Green)) : new Text($"{number}      ");
    }
}
