using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>
/// Every accelerator: one group a request, in up to three kernels. A threshold that at least top-k logits reach thins the row out to a list in token
/// order; top-k, top-p and the draw then are thresholds and prefix sums on that list.
/// </summary>
/// <remarks>
/// No reduction stands behind a condition: filters that are off run with neutral values. PoCL multiplies the rest of a kernel for every branch that
/// holds a barrier, and would compile for hours.
/// </remarks>
internal static class SamplingPortable
{
    /// <summary>Copies the logits of requests with penalties and makes their seen tokens dearer.</summary>
    public static void Penalise(Floats accumulated, ArrayView<SampleParameters> parameters, Ints seen, Floats penalised, int vocab)
    {
        var request = parameters[Grid.IdxX];
        var source = (long)request.Slot * vocab;
        var own = (long)Grid.IdxX * vocab;
        var copied = request.SeenCount > 0 ? vocab : 0;
        for (var i = Group.IdxX; i < copied; i += Group.DimX) penalised[own + i] = accumulated[source + i];
        Group.Barrier();
        for (var i = Group.IdxX; i < request.SeenCount; i += Group.DimX)
        {
            var token = seen[2L * (request.FirstSeen + i)];
            penalised[own + token] = request.Penalise(accumulated[source + token], seen[(2L * (request.FirstSeen + i)) + 1]);
        }
    }

    /// <summary>The token with the largest logit, the lowest among equals.</summary>
    public static void Largest(Floats accumulated, ArrayView<SampleParameters> parameters, Floats penalised, Ints result, int vocab)
    {
        var request = parameters[Grid.IdxX];
        var (row, start) = RowOf(request, accumulated, penalised, vocab);
        var best = 0u;
        var token = int.MaxValue;
        for (var i = Group.IdxX; i < vocab; i += Group.DimX)
        {
            var key = OrderedBits.Of(row[start + i]);
            if (key <= best) continue;
            best = key;
            token = i;
        }
        var largest = GroupReduce.Max(best);
        var lowest = GroupReduce.Min(best == largest ? token : int.MaxValue);
        if (Group.IdxX == 0) result[Grid.IdxX] = lowest;
    }

    /// <summary>Replaces the largest token of a request that is not greedy by one that is drawn.</summary>
    public static void Draw(
        Floats accumulated, ArrayView<SampleParameters> parameters, Floats penalised, Floats values, Ints tokens, Ints result, int vocab)
    {
        var request = parameters[Grid.IdxX];
        var (row, start) = RowOf(request, accumulated, penalised, vocab);
        var largest = row[start + result[Grid.IdxX]];
        var own = (long)Grid.IdxX * vocab; // this request's list
        var listed = Thin(row, start, request, largest, values, tokens, own, vocab);
        var place = new GroupDraw(values, own, listed, largest, 1f / request.Temperature).Run(request);
        if (Group.IdxX == 0 && request.Temperature > 0f && listed > 0) result[Grid.IdxX] = tokens[own + place];
    }

    private static (Floats Row, long Start) RowOf(SampleParameters request, Floats accumulated, Floats penalised, int vocab) =>
        request.SeenCount > 0 ? (penalised, (long)Grid.IdxX * vocab) : (accumulated, (long)request.Slot * vocab);

    /// <summary>Lists, in token order, the logits that min-p leaves and that may be among the top-k.</summary>
    /// <returns>How many, on every thread.</returns>
    private static int Thin(Floats row, long start, SampleParameters request, float largest, Floats values, Ints tokens, long own, int vocab)
    {
        var chunkMaxima = SharedMemory.Allocate<uint>(GroupThreshold.MaxCandidates);
        var threshold = GroupThreshold.AtMostKthLargest(row, start, vocab, request.TopKOrAll, chunkMaxima);
        var inverse = 1f / request.Temperature;
        // Each thread has a run of its own, so that prefix sums over threads are prefix sums in token order.
        var run = (vocab + Group.DimX - 1) / Group.DimX;
        var first = XMath.Min(Group.IdxX * run, vocab);
        var end = XMath.Min(first + run, vocab);
        var count = 0;
        for (var i = first; i < end; i++) count += Passes(row[start + i], threshold, largest, inverse, request.MinP) ? 1 : 0;
        var (place, total) = GroupScan.Sum(count);
        for (var i = first; i < end; i++)
        {
            var value = row[start + i];
            if (!Passes(value, threshold, largest, inverse, request.MinP)) continue;
            values[own + place] = value;
            tokens[own + place++] = i;
        }
        Group.Barrier();
        return total;
    }

    // False for NaN. A weight that underflows is never drawn.
    private static bool Passes(float value, uint threshold, float largest, float inverseTemperature, float minP)
    {
        var weight = XMath.Exp((value - largest) * inverseTemperature);
        return OrderedBits.Of(value) >= threshold && weight > 0f && weight >= minP;
    }
}
