namespace TaH.Kernels;

/// <summary>The sizes of a selection.</summary>
/// <param name="HeadRows">Rows whose logits are wanted.</param>
/// <param name="Vocab">Logits of a row.</param>
/// <param name="K">How many are kept.</param>
public readonly record struct TopKShape(int HeadRows, int Vocab, int K)
{
    /// <summary>Bytes that have to move: the logits in, values and tokens out.</summary>
    public long BytesMoved => (long)HeadRows * ((Vocab * (long)sizeof(float)) + (K * (long)(sizeof(float) + sizeof(int))));

    /// <summary>Bytes; comparing is no arithmetic.</summary>
    public KernelWork Work => new(BytesMoved, 0, HeadRows, Vocab);
}
