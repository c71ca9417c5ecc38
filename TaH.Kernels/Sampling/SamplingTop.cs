using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>The largest logits of every slot, and the draw from them by one group. Weights are relative to the largest probability.</summary>
/// <param name="Values">[slots, listed] in descending order.</param>
/// <param name="Tokens">[slots, listed]; the lower id first among equals.</param>
/// <param name="Listed">How many a slot lists.</param>
/// <param name="Vocab">Logits of a row.</param>
internal readonly record struct SamplingTop(Floats Values, Ints Tokens, int Listed, int Vocab)
{
    /// <summary>The longest list that fits in shared memory.</summary>
    public const int MaxListed = GroupThreshold.MaxCandidates;

    /// <summary>
    /// The token that is drawn, on every thread; the complement of the largest logit's if the list ends within ties that may be drawn.
    /// </summary>
    public int Draw(SampleParameters request)
    {
        var values = SharedMemory.Allocate<float>(MaxListed);
        var weights = SharedMemory.Allocate<float>(MaxListed);
        var tokens = SharedMemory.Allocate<int>(MaxListed);
        var start = (long)request.Slot * Listed;
        // Perhaps while the kernel in front runs: not from what this multiprocessor knows of earlier lists.
        var largest = PtxInstructions.LoadFloatAhead(PtxInstructions.AddressOf(ref Values[start]));
        var inverse = 1f / request.Temperature;
        for (var i = Group.IdxX; i < Listed; i += Group.DimX)
        {
            values[i] = PtxInstructions.LoadFloatAhead(PtxInstructions.AddressOf(ref Values[start + i]));
            weights[i] = XMath.Exp((values[i] - largest) * inverse);
            tokens[i] = PtxInstructions.LoadIntAhead(PtxInstructions.AddressOfCount(ref Tokens[start + i]));
        }
        Group.Barrier();
        // NaN and infinity have no probabilities: the largest logit is drawn, as for a temperature of 0.
        var draws = (request.Temperature > 0f) & (largest - largest == 0f);
        var kth = OrderedBits.Of(values[XMath.Min(request.TopKOrAll, Listed) - 1]);
        var kept = 0;
        for (var first = 0; first < Listed; first += Group.DimX)
        {
            var i = XMath.Min(first + Group.IdxX, Listed - 1);
            var passes = (weights[i] > 0f) & (weights[i] >= request.MinP) & (OrderedBits.Of(values[i]) >= kth);
            kept += Group.BarrierPopCount(draws & passes & (first + Group.IdxX < Listed));
        }
        if (kept == 0) return tokens[0];
        if (kept == Listed && Listed < Vocab) return ~tokens[0];
        return DrawFrom(weights, tokens, Nucleus(weights, kept, request.TopP), request.Uniform);
    }

    /// <summary>How many of the largest stay: those before which the sum of weights has not passed top-p of the whole, one always.</summary>
    private static int Nucleus(Floats weights, int kept, float topP)
    {
        var mass = 0f;
        for (var i = 0; i < kept; i++) mass += weights[i];
        var limit = topP < 1f ? topP * mass : float.PositiveInfinity;
        var stay = 0;
        for (var first = 0; first < kept; first += Group.DimX)
        {
            var own = first + Group.IdxX;
            var before = 0f;
            for (var i = 0; i < XMath.Min(own, kept); i++) before += weights[i];
            stay += Group.BarrierPopCount((own < kept) & (before <= limit));
        }
        return stay;
    }

    /// <summary>The lowest token up to which, in token order, the sum of weights passes the draw.</summary>
    private static int DrawFrom(Floats weights, ArrayView<int> tokens, int stay, float uniform)
    {
        var mass = 0f;
        for (var i = 0; i < stay; i++) mass += weights[i];
        var target = uniform * mass;
        var drawn = int.MaxValue;
        var last = 0;
        for (var own = Group.IdxX; own < stay; own += Group.DimX)
        {
            // Every sum takes its terms in the same order: one of more terms is never smaller, and that of all is the mass.
            var sum = 0f;
            for (var i = 0; i < stay; i++) sum += tokens[i] <= tokens[own] ? weights[i] : 0f;
            if (sum > target) drawn = XMath.Min(drawn, tokens[own]);
            last = XMath.Max(last, tokens[own]);
        }
        var lowest = GroupReduce.Min(drawn);
        var highest = -GroupReduce.Min(-last);
        return lowest != int.MaxValue ? lowest : highest; // rounding may leave the whole sum just at the target
    }
}
