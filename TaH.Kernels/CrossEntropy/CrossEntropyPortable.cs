using ILGPU;
using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Every accelerator: one group a row; the largest logit and the sum come from one walk, each thread correcting its sum as it goes.</summary>
internal static class CrossEntropyPortable
{
    public static void Kernel(
        Floats logits, Ints labels, float scale, Floats losses, Ints predictions, Floats dLogits, int writesGradient, CrossEntropyShape shape)
    {
        var row = (long)Grid.IdxX * shape.Vocab;
        float largest = float.NegativeInfinity, sum = 0;
        var first = int.MaxValue;
        for (var i = Group.IdxX; i < shape.Vocab; i += Group.DimX)
        {
            var logit = logits[row + i];
            if (logit > largest || first == int.MaxValue)
            {
                sum = first == int.MaxValue ? 1f : (sum * XMath.Exp(largest - logit)) + 1f;
                (largest, first) = (logit, i);
            }
            else
            {
                sum += XMath.Exp(logit - largest);
            }
        }
        var top = GroupReduce.Max(largest);
        var total = GroupReduce.Sum(first == int.MaxValue ? 0f : sum * XMath.Exp(largest - top));
        var prediction = GroupReduce.Min(largest == top ? first : int.MaxValue);
        var label = labels[Grid.IdxX];
        if (Group.IdxX == 0)
        {
            losses[Grid.IdxX] = label < 0 ? 0f : XMath.Log(total) + top - logits[row + label];
            predictions[Grid.IdxX] = prediction;
        }
        if (writesGradient == 0) return;
        Group.Barrier(); // the label's logit is read before it is replaced
        var factor = label < 0 ? 0f : scale / total;
        for (var i = Group.IdxX; i < shape.Vocab; i += Group.DimX)
        {
            var gradient = label < 0 ? 0f : factor * XMath.Exp(logits[row + i] - top);
            dLogits[row + i] = i == label ? gradient - scale : gradient;
        }
    }
}
