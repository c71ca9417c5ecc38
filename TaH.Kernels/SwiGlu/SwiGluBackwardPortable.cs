using ILGPU.Algorithms;

namespace TaH.Kernels;

/// <summary>Every accelerator: one thread an element, which has read all three before it writes.</summary>
internal static class SwiGluBackwardPortable
{
    public static void Kernel(Floats gate, Floats up, Floats dh, Floats dGate, Floats dUp, SwiGluShape shape)
    {
        var i = Elements.Index;
        if (i >= shape.Length) return;
        float g = gate[i], upstream = dh[i], factor = up[i];
        var sigmoid = 1f / (1f + XMath.Exp(-g));
        dGate[i] = upstream * factor * sigmoid * (1f + (g * (1f - sigmoid)));
        dUp[i] = upstream * g * sigmoid;
    }
}
