namespace TaH.Kernels;

/// <summary>What becomes of the sums of a batch's product.</summary>
internal enum BatchStore
{
    /// <summary>y is f32 and replaced.</summary>
    Replace,

    /// <summary>y is the residual stream and added to, and may be left for the next product.</summary>
    Add,

    /// <summary>Sums go into the slots of the rows, and their maxima into buckets.</summary>
    Logits,

    /// <summary>y is a linear layer of two parts a number; see <see cref="BatchParts"/>.</summary>
    Linear,

    /// <summary>y is what low-rank updates have reduced x to; see <see cref="BatchReduce"/>.</summary>
    Reduce,

    /// <summary>y is bf16 and becomes silu(first weight's product) * second weight's product.</summary>
    Gate,
}

/// <summary>What a kernel of <see cref="BatchProduct"/> is compiled for.</summary>
/// <param name="Tokens">16, 32, 64 or 128.</param>
/// <param name="Store">What becomes of the sums.</param>
/// <param name="Splits">Groups of a cluster.</param>
internal readonly record struct BatchProductKernel(int Tokens, BatchStore Store, int Splits);

/// <summary>A product of a batch.</summary>
/// <param name="X">The rows.</param>
/// <param name="Store">What becomes of the sums.</param>
internal readonly record struct BatchCall(Bfloat16Rows X, BatchStore Store)
{
    /// <summary>Where the sums of squares of x start, as <see cref="BatchNext"/> has them, if x is to be normalised; else 0.</summary>
    public ulong Squares { get; init; }

    /// <summary>Of that norm.</summary>
    public float Epsilon { get; init; }

    /// <summary>What <see cref="BatchStore.Add"/> leaves for the next product.</summary>
    public BatchNext Next { get; init; }

    /// <summary>Where <see cref="BatchStore.Logits"/> go.</summary>
    public BatchLogits Logits { get; init; }

    /// <summary>What low-rank updates have reduced x to, [tokens, <see cref="BatchReduce.Width"/>]; null for no updates.</summary>
    public Halves? Reduced { get; init; }

    /// <summary>The layer of <see cref="BatchStore.Linear"/>.</summary>
    public BatchParts Parts { get; init; }

    /// <summary>Slices of columns that are multiplied.</summary>
    public int Slices => Store == BatchStore.Linear ? 3 * Parts.Slices : (X.Width + WgmmaProduct.Slice - 1) / WgmmaProduct.Slice;

    /// <summary>Slices of updates that the first group of each cluster multiplies besides: of a gated product one for each weight.</summary>
    public int UpdateSlices => Reduced is null ? 0 : Store == BatchStore.Gate ? 2 : 1;

    /// <summary>The first deep row, where reduced inputs are made or read.</summary>
    public int DeepFrom { get; init; }
}

/// <summary>One weight of a call, and where its product goes.</summary>
/// <param name="Weight">[outer, inner] of bf16.</param>
/// <param name="Y">Address of [rows, outer].</param>
/// <param name="Update">B of a low-rank update, [outer, rank]; null for none.</param>
/// <param name="Scale">What <see cref="BatchStore.Reduce"/> scales by.</param>
internal readonly record struct BatchTarget(WeightMatrix Weight, ulong Y, WeightMatrix? Update = null, float Scale = 1);
