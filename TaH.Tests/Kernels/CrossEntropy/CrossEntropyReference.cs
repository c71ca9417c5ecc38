namespace TaH.Tests;

/// <summary>Double precision, plain loops.</summary>
internal static class CrossEntropyReference
{
    public static (double[] Losses, int[] Predictions, double[] DLogits) Run(double[] logits, int[] labels, double scale, CrossEntropyShape shape)
    {
        var losses = new double[shape.Rows];
        var predictions = new int[shape.Rows];
        var gradient = new double[logits.Length];
        for (var row = 0; row < shape.Rows; row++)
        {
            var start = row * shape.Vocab;
            for (var v = 1; v < shape.Vocab; v++)
                if (logits[start + v] > logits[start + predictions[row]]) predictions[row] = v;
            if (labels[row] < 0) continue;
            var largest = logits[start + predictions[row]];
            var sum = 0.0;
            for (var v = 0; v < shape.Vocab; v++) sum += Math.Exp(logits[start + v] - largest);
            losses[row] = Math.Log(sum) + largest - logits[start + labels[row]];
            for (var v = 0; v < shape.Vocab; v++)
                gradient[start + v] = scale * ((Math.Exp(logits[start + v] - largest) / sum) - (v == labels[row] ? 1 : 0));
        }
        return (losses, predictions, gradient);
    }
}
