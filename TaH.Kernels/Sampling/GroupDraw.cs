using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Top-k, top-p and the draw on a list of logits in token order, by one group. Weights are relative to the largest probability.</summary>
/// <param name="Values">Holds the list.</param>
/// <param name="Start">Where it starts.</param>
/// <param name="Length">Its length.</param>
/// <param name="Largest">The largest logit of the row.</param>
/// <param name="InverseTemperature">What differences to it are multiplied by.</param>
internal readonly record struct GroupDraw(Floats Values, long Start, int Length, float Largest, float InverseTemperature)
{
    /// <summary>The place in the list that is drawn; anything if the list is empty. On every thread.</summary>
    public int Run(SampleParameters request)
    {
        var kth = GroupThreshold.KthLargest(Values, Start, Length, request.TopKOrAll);
        var mass = MassFrom(kth);
        var limit = request.TopP < 1f ? request.TopP * mass : float.PositiveInfinity;
        var floor = XMath.Max(kth, Nucleus(kth, limit));
        var room = (limit - MassFrom(floor + 1u)) / Weight(OrderedBits.ToFloat(floor)); // for how many equals
        var equals = request.TopP < 1f && room < Length ? (int)room + 1 : int.MaxValue;
        return Draw(floor, equals, request.Uniform);
    }

    /// <summary>The largest key that the sum of weights passes the limit at, built from its highest bit down; 0 if it never does.</summary>
    private uint Nucleus(uint kth, float limit)
    {
        var key = 0u;
        for (var bit = 0x80000000u; bit != 0u; bit >>= 1)
        {
            if (MassFrom(XMath.Max(kth, key | bit)) > limit) key |= bit;
        }
        return key;
    }

    /// <summary>The sum of the weights of all logits whose key is at least <paramref name="key"/>, on every thread.</summary>
    private float MassFrom(uint key)
    {
        var mass = 0f;
        for (var i = Group.IdxX; i < Length; i += Group.DimX)
        {
            var value = Values[Start + i];
            if (OrderedBits.Of(value) >= key) mass += Weight(value);
        }
        return GroupReduce.Sum(mass);
    }

    private int Draw(uint floor, int equals, float uniform)
    {
        // Each thread has a run of its own: prefix sums over threads are prefix sums in token order.
        var run = (Length + Group.DimX - 1) / Group.DimX;
        var first = XMath.Min(Group.IdxX * run, Length);
        var end = XMath.Min(first + run, Length);
        var equalsOfRun = 0;
        for (var i = first; i < end; i++) equalsOfRun += OrderedBits.Of(Values[Start + i]) == floor ? 1 : 0;
        var (equalsBefore, _) = GroupScan.Sum(equalsOfRun);
        var last = -1;
        var mass = 0f;
        var rank = equalsBefore;
        for (var i = first; i < end; i++)
        {
            var key = OrderedBits.Of(Values[Start + i]);
            var kept = Stays(key, floor, rank, equals);
            rank += key == floor ? 1 : 0;
            if (!kept) continue;
            mass += Weight(Values[Start + i]);
            last = i;
        }
        var target = uniform * GroupReduce.Sum(mass);
        var sum = GroupScan.Before(mass);
        var drawn = int.MaxValue;
        rank = equalsBefore;
        for (var i = first; i < end; i++)
        {
            var key = OrderedBits.Of(Values[Start + i]);
            var kept = Stays(key, floor, rank, equals);
            rank += key == floor ? 1 : 0;
            if (!kept) continue;
            sum += Weight(Values[Start + i]);
            if (sum > target) drawn = XMath.Min(drawn, i);
        }
        var place = GroupReduce.Min(drawn);
        var lastPlace = -GroupReduce.Min(-last);
        return place != int.MaxValue ? place : lastPlace; // rounding may leave the whole sum just below the target
    }

    // One predicate that holds the key: ILGPU 1.5.3 takes a branch on the rank alone for uniform, which on CUDA it is not.
    private static bool Stays(uint key, uint floor, int rank, int equals) => (key > floor) | ((key == floor) & (rank < equals));

    private float Weight(float value) => XMath.Exp((value - Largest) * InverseTemperature);
}
