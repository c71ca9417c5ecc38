using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Every accelerator: one thread an element.</summary>
internal static class SwiGluPortable
{
    public static void Kernel(Floats gate, Floats up, Floats h, SwiGluShape shape)
    {
        var i = Elements.Index;
        if (i >= shape.Length) return;
        // Far below zero the exponential is infinite and the quotient a correct zero.
        h[i] = gate[i] / (1f + XMath.Exp(-gate[i])) * up[i];
    }
}
