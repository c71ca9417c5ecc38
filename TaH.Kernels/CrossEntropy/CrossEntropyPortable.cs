using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Every accelerator: a row is read once for its largest logit and its sum, which is scaled down whenever a larger logit comes; for the gradient it
/// is read again. Eight elements a thread are on their way at a time.
/// </summary>
internal static class CrossEntropyPortable
{
    public static void Evaluate(Floats logits, Ints labels, Floats losses, Ints predictions, RowSpread spread)
    {
        var place = spread.Place;
        var row = XMath.Min(place.Row, spread.Rows - 1); // threads without a row have to come to the barriers, too
        var start = (long)row * spread.Width;            // logits[row, 0]
        var label = labels[row];
        var labelled = logits[start + XMath.Max(label, 0)];
        var read = Read(logits, start, place, spread.Lanes).Together(spread.Lanes);
        if (place.Row < spread.Rows && place.First == 0) Store(losses, predictions, row, label, labelled, read);
    }

    public static void Differentiate(
        Floats logits, Ints labels, float scale, Floats losses, Ints predictions, Floats dLogits, RowSpread spread)
    {
        var place = spread.Place;
        var row = XMath.Min(place.Row, spread.Rows - 1);
        var start = (long)row * spread.Width;
        var label = labels[row];
        var labelled = logits[start + XMath.Max(label, 0)]; // before the barriers, as dLogits may be written over it behind them
        var read = Read(logits, start, place, spread.Lanes).Together(spread.Lanes);
        if (place.Row >= spread.Rows) return;
        if (place.First == 0) Store(losses, predictions, row, label, labelled, read);
        if (label < 0) Clear(dLogits, start, place, spread.Lanes);
        else WriteGradient(logits, dLogits, start, place, spread.Lanes, read.Largest, scale / read.Sum, label, scale);
    }

    private static LargestAndSum Read(Floats logits, long start, RowPlace place, int lanes)
    {
        var read = LargestAndSum.OfNothing;
        var i = place.First;
        for (; i + (7 * lanes) < place.End; i += 8 * lanes)
        {
            Quad low = Load(logits, start + i, lanes), high = Load(logits, start + i + (4 * lanes), lanes);
            read = read.With(low, i, lanes).With(high, i + (4 * lanes), lanes);
        }
        for (; i < place.End; i += lanes) read = read.With(logits[start + i], i);
        return read;
    }

    private static void Store(Floats losses, Ints predictions, int row, int label, float labelled, LargestAndSum read)
    {
        losses[row] = label < 0 ? 0f : XMath.Log(read.Sum) + (read.Largest - labelled);
        predictions[row] = read.Token == int.MaxValue ? 0 : read.Token;
    }

    private static void Clear(Floats dLogits, long start, RowPlace place, int lanes)
    {
        for (var i = place.First; i < place.End; i += lanes) dLogits[start + i] = 0f;
    }

    private static void WriteGradient(
        Floats logits, Floats dLogits, long start, RowPlace place, int lanes, float largest, float factor, int label, float scale)
    {
        var i = place.First;
        for (; i + (7 * lanes) < place.End; i += 8 * lanes)
        {
            Quad low = Load(logits, start + i, lanes), high = Load(logits, start + i + (4 * lanes), lanes);
            WriteFour(dLogits, start, i, lanes, low, largest, factor, label, scale);
            WriteFour(dLogits, start, i + (4 * lanes), lanes, high, largest, factor, label, scale);
        }
        for (; i < place.End; i += lanes) dLogits[start + i] = Gradient(logits[start + i], largest, factor, i == label, scale);
    }

    private static void WriteFour(
        Floats dLogits, long start, int i, int lanes, Quad logits, float largest, float factor, int label, float scale)
    {
        dLogits[start + i] = Gradient(logits.A, largest, factor, i == label, scale);
        dLogits[start + i + lanes] = Gradient(logits.B, largest, factor, i + lanes == label, scale);
        dLogits[start + i + (2 * lanes)] = Gradient(logits.C, largest, factor, i + (2 * lanes) == label, scale);
        dLogits[start + i + (3 * lanes)] = Gradient(logits.D, largest, factor, i + (3 * lanes) == label, scale);
    }

    private static float Gradient(float logit, float largest, float factor, bool isLabel, float scale) =>
        (XMath.Exp(logit - largest) * factor) - (isLabel ? scale : 0f);

    private static Quad Load(Floats logits, long at, int lanes) =>
        new(logits[at], logits[at + lanes], logits[at + (2 * lanes)], logits[at + (3 * lanes)]);
}
