namespace TaH.Kernels;

/// <summary>The sizes of a sum of logits.</summary>
/// <param name="HeadRows">Rows whose logits are wanted.</param>
/// <param name="Vocab">Logits of a row.</param>
public readonly record struct LogitsSumShape(int HeadRows, int Vocab)
{
    /// <summary>Logits that one group or job adds up.</summary>
    public const int Piece = 4096;

    /// <summary>Pieces of a row.</summary>
    public int Pieces => (Vocab + Piece - 1) / Piece;

    /// <summary>Bytes that have to move, at most: raw in, the sum in and out.</summary>
    public long BytesMoved => 3L * HeadRows * Vocab * sizeof(float);

    /// <summary>Bytes, and a sum a logit.</summary>
    public KernelWork Work => new(BytesMoved, (long)HeadRows * Vocab, HeadRows, Vocab);
}
