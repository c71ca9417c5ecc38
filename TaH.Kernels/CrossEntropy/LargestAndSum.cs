using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>What one reading of logits gives: the largest, where it is, and the sum of exponentials relative to it.</summary>
/// <param name="Largest">The largest so far.</param>
/// <param name="Token">Where it is; the lower id among equals. <see cref="int.MaxValue"/> if nothing counted yet.</param>
/// <param name="Sum">The sum of exp(logit - largest).</param>
internal readonly record struct LargestAndSum(float Largest, int Token, float Sum)
{
    /// <summary>Nothing read. The least finite number, as the difference of two infinities would be NaN.</summary>
    public static LargestAndSum OfNothing => new(float.MinValue, int.MaxValue, 0f);

    /// <summary>With four more, of ascending ids.</summary>
    public LargestAndSum With(Quad logits, int token, int apart)
    {
        var (largest, best) = (Largest, Token);
        best = logits.A > largest ? token : best;
        largest = logits.A > largest ? logits.A : largest;
        best = logits.B > largest ? token + apart : best;
        largest = logits.B > largest ? logits.B : largest;
        best = logits.C > largest ? token + (2 * apart) : best;
        largest = logits.C > largest ? logits.C : largest;
        best = logits.D > largest ? token + (3 * apart) : best;
        largest = logits.D > largest ? logits.D : largest;
        var low = XMath.Exp(logits.A - largest) + XMath.Exp(logits.B - largest);
        var high = XMath.Exp(logits.C - largest) + XMath.Exp(logits.D - largest);
        return new(largest, best, (Sum * XMath.Exp(Largest - largest)) + (low + high));
    }

    /// <summary>With one more, of a higher id.</summary>
    public LargestAndSum With(float logit, int token)
    {
        var largest = logit > Largest ? logit : Largest;
        return new(largest, logit > Largest ? token : Token, (Sum * XMath.Exp(Largest - largest)) + XMath.Exp(logit - largest));
    }

    /// <summary>Both together.</summary>
    public LargestAndSum With(LargestAndSum other)
    {
        var largest = other.Largest > Largest ? other.Largest : Largest;
        var token = other.Largest > Largest ? other.Token : other.Largest < Largest ? Token : XMath.Min(Token, other.Token);
        return new(largest, token, (Sum * XMath.Exp(Largest - largest)) + (other.Sum * XMath.Exp(other.Largest - largest)));
    }

    /// <summary>What the threads of a row have read, on each of them; called by all threads of the group.</summary>
    /// <param name="lanes">Threads of a row, a power of two.</param>
    public LargestAndSum Together(int lanes)
    {
        var shared = SharedMemory.Allocate<LargestAndSum>(GroupReduce.MaxGroupSize);
        shared[Group.IdxX] = this;
        Group.Barrier();
        // Level by level, not as a loop: see GroupReduce.
        Fold(shared, lanes, 128);
        Fold(shared, lanes, 64);
        Fold(shared, lanes, 32);
        Fold(shared, lanes, 16);
        Fold(shared, lanes, 8);
        Fold(shared, lanes, 4);
        Fold(shared, lanes, 2);
        Fold(shared, lanes, 1);
        return shared[Group.IdxX / lanes * lanes];
    }

    private static void Fold(ArrayView<LargestAndSum> shared, int lanes, int half)
    {
        if (Group.IdxX % lanes < half && half < lanes) shared[Group.IdxX] = shared[Group.IdxX].With(shared[Group.IdxX + half]);
        Group.Barrier();
    }
}
