using ILGPU;

namespace TaH.Kernels;

/// <summary>One product of a decider, as <see cref="DeciderResident"/> takes it: y = f(weight g(x) + bias) + residual.</summary>
/// <param name="Weight">Where the weight starts: [outer, inner].</param>
/// <param name="Bias">Where the bias starts: [outer].</param>
/// <param name="Gain">Where the scale of the LayerNorm g starts: [inner]; 0 if x is taken as it is.</param>
/// <param name="Shift">Where its bias starts.</param>
/// <param name="Source">Where x comes from.</param>
/// <param name="Residual">Where what is added comes from; nothing is if it has no product.</param>
/// <param name="Target">The first cell that y goes to in every inbox: [rows, outer]; not used by the last product, which makes decisions.</param>
/// <param name="Inner">Length of each sum, a multiple of 8.</param>
/// <param name="Outer">Outputs, an even number but for the last product's one.</param>
/// <param name="Slices">Warps that share a pair of weight rows.</param>
/// <param name="PanelOctets">Octets of every row of x that are in shared memory at a time; all of them for a LayerNorm.</param>
/// <param name="StateOctets">Octets of the decider's input in front of the top logits; 0 if x is not the input.</param>
/// <param name="Gelu">1 if f is GELU, 0 if it is nothing.</param>
internal readonly record struct DeciderPhase(
    ulong Weight, ulong Bias, ulong Gain, ulong Shift, DeciderParcel Source, DeciderParcel Residual, int Target, int Inner, int Outer, int Slices,
    int PanelOctets, int StateOctets, int Gelu)
{
    /// <summary>Pairs of weight rows; an odd number of rows ends with half a pair.</summary>
    public int Pairs => (Outer + 1) / 2;

    /// <summary>Octets of a row.</summary>
    public int Octets => Inner / MatVecTask.Octet;

    /// <summary>The octet behind the panel that starts with another: the top logits, which come last, have one of their own.</summary>
    public int EndOfPanel(int from) => IntrinsicMath.Min(from + PanelOctets, from < StateOctets ? StateOctets : Octets);
}

/// <summary>What a product sends to every group.</summary>
/// <param name="Cell">The first cell of an inbox that it goes to.</param>
/// <param name="Product">The product, counted from 1; 0 for none.</param>
internal readonly record struct DeciderParcel(int Cell, int Product);
