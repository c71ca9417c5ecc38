namespace TaH.Tests;

/// <summary>The padded batch of a golden training step, packed.</summary>
internal static class GoldenBatch
{
    private const int NoLabel = -100;

    /// <summary>The tokens of all rows without their padding.</summary>
    /// <param name="golden">step1 or step2 of a fixture.</param>
    /// <param name="iterationLabels">The tensor that says how many passes each token shall take.</param>
    /// <param name="labelled">Whether the fixture's labels count, or none.</param>
    public static PackedBatch Of(GoldenTensors golden, string iterationLabels = "iter_count_labels", bool labelled = true)
    {
        int[] ids = golden["input_ids"].Ints, mask = golden["attention_mask"].Ints, labels = golden["labels"].Ints;
        var counts = golden[iterationLabels].Ints;
        int rows = golden["input_ids"].Shape[0], width = golden["input_ids"].Shape[1];
        var (tokens, targets, iterations, positions, starts) = (new List<int>(), new List<int>(), new List<int>(), new List<int>(), new List<int>());
        for (var row = 0; row < rows; row++)
        {
            starts.Add(tokens.Count);
            var position = 0;
            for (var column = 0; column < width; column++)
            {
                var at = (row * width) + column;
                if (mask[at] == 0) continue;
                tokens.Add(ids[at]);
                // The official code shifts inside: a position predicts the label behind it.
                var next = column + 1 < width && mask[at + 1] == 1 ? labels[at + 1] : NoLabel;
                targets.Add(labelled && next != NoLabel ? next : -1);
                iterations.Add(Math.Max(0, counts[at]));
                positions.Add(position++);
            }
        }
        return new PackedBatch([.. tokens], [.. targets], [.. iterations], [.. positions], [.. starts]);
    }

    /// <summary>The values of a padded tensor at the places that are not padding.</summary>
    public static int[] Packed(GoldenTensors golden, string name)
    {
        int[] mask = golden["attention_mask"].Ints, values = golden[name].Ints;
        return [.. values.Where((_, at) => mask[at] == 1)];
    }
}
