namespace TaH.Kernels;

/// <summary>
/// How a row of logits is dealt out to buckets. If a bucket's largest logit is known, the k-th largest of these is below no more than k buckets'
/// largest, and only buckets that reach it hold any of the k largest logits.
/// </summary>
internal static class LogitsBuckets
{
    /// <summary>Buckets of a row.</summary>
    public const int Count = 1024;

    /// <summary>
    /// Neighbouring tokens that stay together: what memory delivers at once. More would crowd the frequent tokens, which have low ids, into few
    /// buckets.
    /// </summary>
    public const int Run = 8;

    /// <summary>From one run of a bucket to its next.</summary>
    public const int Stride = Count * Run;

    /// <summary>The bucket of a token.</summary>
    public static int Of(int token) => (int)(((uint)token / Run) % Count);

    /// <summary>Runs of a bucket, the last perhaps past the end of the row.</summary>
    public static int RunsOf(int vocab) => (vocab + Stride - 1) / Stride;

    /// <summary>Four neighbouring logits of a row, as far as the row reaches; NaN behind it.</summary>
    /// <param name="values">Holds the row.</param>
    /// <param name="start">Where the row starts.</param>
    /// <param name="token">The first token: a multiple of 4.</param>
    /// <param name="vocab">Logits of the row; every row starts at a multiple of 16 bytes if this is one of 4 logits.</param>
    public static Quad Load(Floats values, long start, int token, int vocab)
    {
        if (token + 4 <= vocab && vocab % 4 == 0) return PtxInstructions.LoadQuad(PtxInstructions.AddressOf(ref values[start + token]));
        return new Quad(
            One(values, start, token, vocab), One(values, start, token + 1, vocab), One(values, start, token + 2, vocab),
            One(values, start, token + 3, vocab));
    }

    private static float One(Floats values, long start, int token, int vocab) => token < vocab ? values[start + token] : float.NaN;
}
